"""The forty exercises and seven drills, one file each, in the order in which a course takes them."""

__all__ = ["CHAPTERS"]

CHAPTERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("Foundations", "基础"): (
        "numerical_gradient",
        "sigmoid",
        "activations",
        "softmax",
        "log_softmax",
        "mse_loss",
        "binary_cross_entropy_with_logits",
        "cross_entropy",
        "linear",
        "unbroadcast",
    ),
    ("Classical models", "经典模型"): (
        "linear_regression_gd",
        "linear_regression_lstsq",
        "standardize",
        "logistic_regression",
        "xor_is_not_linear",
        "xor_mlp",
    ),
    ("Training", "训练"): (
        "sgd_momentum_step",
        "adam_step",
        "lr_schedules",
        "clip_grad_norm",
        "gradient_accumulation",
        "xavier_kaiming_init",
        "dropout",
        "batch_norm",
        "layer_norm",
        "minibatches",
        "training_loop",
        "early_stopping",
    ),
    ("Convolutional networks", "卷积网络"): (
        "conv2d",
        "conv2d_backward",
        "max_pool2d",
        "cnn_classifier",
    ),
    ("Automatic differentiation and sequences", "自动微分与序列"): (
        "scalar_autograd",
        "tensor_ops_vjp",
        "embedding_rnn",
        "scaled_dot_product_attention",
        "char_language_model",
    ),
    ("Evaluation, fine-tuning, TensorBoard", "评估、微调与 TensorBoard"): (
        "classification_metrics",
        "fine_tune",
        "log_training_run",
    ),
    ("Debugging drills: the two articles' own mistakes", "调试练习：两篇文章自己的错误"): (
        "drill_gradient_sign",
        "drill_learning_rate",
        "drill_xor_one_unit",
        "drill_missing_bias",
        "drill_relu_derivative",
        "drill_conv_shapes",
        "drill_global_step",
    ),
}
"""The ids of each chapter; the numbers of the exercises follow from their order."""
