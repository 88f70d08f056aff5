"""How good predictions are: functions judge whole arrays, with scikit-learn's names; classes add up batches."""

from nn.metrics.confusion import Accuracy, ConfusionMatrix, accuracy_score, confusion_matrix
from nn.metrics.metric import Metric
from nn.metrics.probability import CalibrationError, LogLoss, calibration_error, log_loss
from nn.metrics.ranking import ROCAUC, AveragePrecision, average_precision_score, roc_auc_score
from nn.metrics.regression import MAE, MSE, R2, mean_absolute_error, mean_squared_error, r2_score
from nn.metrics.scores import F1, FBeta, Precision, Recall, f1_score, fbeta_score, precision_score, recall_score

__all__ = [
    "F1",
    "MAE",
    "MSE",
    "R2",
    "ROCAUC",
    "Accuracy",
    "AveragePrecision",
    "CalibrationError",
    "ConfusionMatrix",
    "FBeta",
    "LogLoss",
    "Metric",
    "Precision",
    "Recall",
    "accuracy_score",
    "average_precision_score",
    "calibration_error",
    "confusion_matrix",
    "f1_score",
    "fbeta_score",
    "log_loss",
    "mean_absolute_error",
    "mean_squared_error",
    "precision_score",
    "r2_score",
    "recall_score",
    "roc_auc_score",
]
