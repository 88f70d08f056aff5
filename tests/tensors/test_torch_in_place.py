"""Changes in place as PyTorch programs make them: its values and gradients, or its refusal."""

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch", reason="PyTorch is the oracle here")

SNIPPETS = {}


def snippet(function):
    """A piece of a program: (library, w of shape (3,), W of shape (3, 3)), both leaves -> a tensor."""
    SNIPPETS[function.__name__] = function
    return function


@snippet
def add_to_a_result(lib, w, W):
    x = w * 2
    x.add_(1)
    return x * x


@snippet
def add_with_alpha(lib, w, W):
    x = w * 2
    x.add_(w, alpha=3)
    x.sub_(W[0], alpha=2)
    return x


@snippet
def augmented_operators(lib, w, W):
    x = W * 1
    x += w
    x *= w
    x -= 1
    x /= 2
    x **= 2
    return x


@snippet
def augmented_remainder(lib, w, W):
    x = W + 0.25
    x %= 2
    return x * w


@snippet
def loss_plus_equals(lib, w, W):
    loss = (w * w).sum()
    loss += (W * W).sum() * 0.5
    loss *= 3
    return loss


@snippet
def a_total_without_history(lib, w, W):
    total = lib.zeros(3, dtype=lib.float64)
    for row in (W[0], W[1]):
        total += row * w
    return total


@snippet
def windows_side_by_side(lib, w, W):
    x = (W * 1).reshape(9)
    windows = x.unfold(0, 2, 3)
    windows.mul_(w[:, None])
    windows[1] += w[:2]
    x[:4] *= 3
    return x * x + windows.sum()


@snippet
def a_single_window(lib, w, W):
    x = W * w
    x.unfold(1, 3, 1).fill_(4.0)
    return x * w


@snippet
def the_same_tensor_twice(lib, w, W):
    x = w * 1
    x.add_(x)
    return x


@snippet
def multiply_by_itself(lib, w, W):
    x = w * 1
    x.mul_(x)
    return x


@snippet
def mask_to_zero(lib, w, W):
    x = W * 2
    x[x > 5] = 0
    return x


@snippet
def mask_to_values(lib, w, W):
    x = W * 2
    x[:, 1][w > 1.5] = w[w > 1.5] * 7
    return x


@snippet
def assign_a_row(lib, w, W):
    x = W * 1
    x[1] = w * w
    return x * W


@snippet
def assign_a_column_broadcast(lib, w, W):
    x = W * 1
    x[:, 0] = w.sum()
    return x


@snippet
def assign_with_leading_ones(lib, w, W):
    x = W * 1
    x[0] = w[None] * 2
    return x


@snippet
def assign_by_index_array(lib, w, W):
    x = W * 1
    x[lib.tensor([2, 0])] = lib.stack([w, 2 * w])
    return x


@snippet
def assign_by_integer_and_array(lib, w, W):
    x = W * 1
    x[1, lib.tensor([0, 2])] = w[:2]
    return x * x


@snippet
def fill_a_buffer_in_a_loop(lib, w, W):
    out = lib.zeros(4, 3, dtype=lib.float64)
    h = w
    for t in range(4):
        h = lib.tanh(W @ h)
        out[t] = h
    return out


@snippet
def each_step_from_the_last(lib, w, W):
    out = lib.zeros(3, 3, dtype=lib.float64)
    out[0] = w
    for t in range(1, 3):
        out[t] = out[t - 1] * 2 + W[t]
    return out


@snippet
def item_plus_equals(lib, w, W):
    x = W * 1
    x[0] += w
    x[:, 2] *= w
    return x * x


@snippet
def a_view_changes_its_base(lib, w, W):
    x = W * 1
    x[0].mul_(w)
    return x


@snippet
def a_base_changes_its_view(lib, w, W):
    x = W * 1
    row = x[0]
    x.mul_(2)
    return row * w


@snippet
def a_view_of_a_view(lib, w, W):
    x = W * 1
    row = x[1]
    part = row[1:]
    x.add_(1)
    part.mul_(3)
    return row * w


@snippet
def a_sibling_view(lib, w, W):
    x = W * 1
    left, upper = x[:, :2], x[:2]
    left.mul_(2)
    return upper * w


@snippet
def through_a_transpose(lib, w, W):
    x = W * 1
    x.T[0] = w
    return x * W


@snippet
def through_a_reshape(lib, w, W):
    x = W * 1
    x.view(9)[::2].mul_(2)
    return x * x


@snippet
def through_a_diagonal(lib, w, W):
    x = W * 1
    x.diagonal().mul_(w)
    return x


@snippet
def through_unsqueeze_and_narrow(lib, w, W):
    x = W * 1
    x.unsqueeze(0).narrow(1, 1, 2).add_(w)
    return x * W


@snippet
def methods_with_an_underscore(lib, w, W):
    x = W * 1
    x.masked_fill_(x > 6, 0.5)
    x.clamp_(max=4.5)
    x.index_add_(0, lib.tensor([0]), w[None])
    return x.sigmoid_()


@snippet
def scatter_in_place(lib, w, W):
    x = W * 1
    x.scatter_add_(1, lib.tensor([[0, 0, 2]]), w[None])
    x.scatter_(0, lib.tensor([[2, 1, 0]]), w[None])
    return x


@snippet
def zero_then_fill(lib, w, W):
    x = w * 1
    x.zero_()
    x += W[1]
    x[0].fill_(3.0)
    return x


@snippet
def copy_from_another(lib, w, W):
    x = lib.empty(3, 3, dtype=lib.float64)
    x.copy_(w)
    return x * W


@snippet
def a_chain_of_methods(lib, w, W):
    return (W * 1).mul_(2).add_(w).relu_()


@snippet
def relu_in_place(lib, w, W):
    return lib.nn.functional.relu(W - 4, inplace=True) if lib is torch else nn.functional.relu(W - 4, inplace=True)


@snippet
def silu_in_place_then_change(lib, w, W):
    functional = torch.nn.functional if lib is torch else nn.functional
    x = W - 4
    functional.silu(x, inplace=True)
    x += w
    functional.elu(x, inplace=True)
    return x * w


@snippet
def transposed_in_place(lib, w, W):
    x = W * 1
    row = x[0]
    x.t_()
    row.mul_(2)
    x.squeeze_().unsqueeze_(0).transpose_(0, 1)
    return x[:, 0] * W


@snippet
def detached_in_place(lib, w, W):
    x = w * 2
    x.detach_()
    return x * w


@snippet
def inside_no_grad(lib, w, W):
    with lib.no_grad():
        w += 1
        W[0] *= 2
    return W * w


@snippet
def detached_memory_before(lib, w, W):
    W.detach()[0].mul_(2)
    return W * W


@snippet
def another_float_type(lib, w, W):
    x = lib.zeros(3, dtype=lib.float32)
    x += w
    return x.double()


@snippet
def the_whole_of_a_tensor(lib, w, W):
    x = W * 1
    x[...] = w
    x[:] = x * 2
    return x


@snippet
def after_it_was_used_without_being_saved(lib, w, W):
    x = w * 1
    y = x + 1
    x.mul_(3)
    return x + y


@snippet
def through_item_of_a_slice(lib, w, W):
    x = W * 1
    for i in range(3):
        x[i, i:] = x[i, i:] * w[i]
    return x


@snippet
def one_of_an_expanded_tensor(lib, w, W):
    x = w * 1
    x.expand(4, 3)[0].mul_(2)
    return x


@snippet
def an_item_of_an_expanded_tensor(lib, w, W):
    x = w * 1
    x.expand(4, 3)[0] = W[1] * 2
    return x


@snippet
def an_item_of_a_tensor_expanded_in_its_row(lib, w, W):
    x = w[:, None] * 1
    x.expand(3, 4)[0] = 2.0
    return x


@snippet
def lerp_addcmul_pow(lib, w, W):
    x = w * 1
    x.lerp_(W[0], 0.25)
    x.addcmul_(W[1], W[2], value=0.5)
    x.pow_(2)
    return x


@snippet
def matrix_product_in_place(lib, w, W):
    x = W * 1
    x.addmm_(W, W, beta=0.5)
    return x


# -- refused ----------------------------------------------------------------------------------------------------------
@snippet
def a_leaf(lib, w, W):
    w.add_(1)
    return w


@snippet
def a_leaf_by_item(lib, w, W):
    W[0] = 0
    return W


@snippet
def a_view_of_a_leaf(lib, w, W):
    W[0].mul_(2)
    return W


@snippet
def a_leaf_by_dropout(lib, w, W):
    functional = torch.nn.functional if lib is torch else nn.functional
    return functional.dropout(w, 0.5, inplace=True)


@snippet
def a_leaf_by_a_layer(lib, w, W):
    layer = torch.nn.ReLU(inplace=True) if lib is torch else nn.ReLU(inplace=True)
    return layer(w)


@snippet
def pieces_of_unbind(lib, w, W):
    x = W * 1
    for row in x.unbind(0):
        row.mul_(3)
    return x


@snippet
def rows_by_iteration(lib, w, W):
    x = W * 1
    for row in x:
        row *= 3
    return x


@snippet
def pieces_of_split(lib, w, W):
    x = W * 1
    x.split(2)[0].add_(w)
    return x


@snippet
def a_view_from_no_grad(lib, w, W):
    x = W * 1
    with lib.no_grad():
        row = x[0]
    row.mul_(2)
    return x


@snippet
def an_expanded_tensor(lib, w, W):
    x = (w * 1).expand(3, 3)
    x.mul_(2)
    return x


@snippet
def more_axes_than_there_are(lib, w, W):
    x = w * 1
    x += W
    return x


@snippet
def a_saved_operand(lib, w, W):
    x = w * 1
    y = x * x
    x[0] = 5
    return y


@snippet
def a_saved_result(lib, w, W):
    x = (w * 1).exp_()
    x.add_(1)
    return x


@snippet
def a_saved_operand_through_a_view(lib, w, W):
    x = W * 1
    y = x.exp()
    x[1].add_(1)
    z = x.T * y
    x.diagonal().zero_()
    return z


@snippet
def a_saved_operand_through_detach(lib, w, W):
    y = W * W
    W.detach()[0].mul_(2)
    return y


@snippet
def integers_do_not_keep_floats(lib, w, W):
    x = lib.arange(3)
    x += 0.5
    return x * w


@snippet
def a_view_is_not_detached(lib, w, W):
    x = W * 1
    x[0].detach_()
    return x


def outcome(lib, function):
    """Value and gradients by both leaves; or that it was refused, in the forward or in the backward."""
    w = lib.tensor([1.0, 2.0, 3.0], dtype=lib.float64, requires_grad=True)
    W = lib.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]], dtype=lib.float64, requires_grad=True)
    try:
        y = function(lib, w, W)
        weights = lib.arange(y.numel(), dtype=lib.float64).reshape(tuple(y.shape)) * 0.5 + 1
        (y * weights).sum().backward()
    except RuntimeError as error:
        return str(error)
    return [None if t is None else np.array(t.tolist()) for t in (y, w.grad, W.grad)]


@pytest.mark.parametrize("name", SNIPPETS)
def test_it_is_as_in_pytorch(name):
    wanted, found = outcome(torch, SNIPPETS[name]), outcome(nn, SNIPPETS[name])
    if isinstance(wanted, str):
        assert isinstance(found, str), f"PyTorch refuses: {wanted}; got {found}"
        return
    assert not isinstance(found, str), found
    for expected, got in zip(wanted, found, strict=True):
        assert (expected is None) == (got is None)
        if expected is not None:
            np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)


def test_at_least_thirty_work_and_ten_are_refused():
    refused = sum(isinstance(outcome(torch, function), str) for function in SNIPPETS.values())
    assert refused >= 10
    assert len(SNIPPETS) - refused >= 30


@pytest.mark.parametrize("name", ["augmented_operators", "item_plus_equals", "assign_a_row", "each_step_from_the_last"])
def test_gradients_of_gradients(name):
    found = []
    for lib, grad in ((torch, torch.autograd.grad), (nn, nn.grad)):
        w = lib.tensor([1.0, 2.0, 3.0], dtype=lib.float64, requires_grad=True)
        W = lib.tensor([[0.5, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]], dtype=lib.float64, requires_grad=True)
        y = (SNIPPETS[name](lib, w, W) ** 2).sum()
        first = grad(y, [w, W], create_graph=True)
        second = grad((first[0] ** 2).sum() + (first[1] ** 2).sum(), [w, W])
        found.append([np.array(t.tolist()) for t in (*first, *second)])
    for expected, got in zip(*found, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)
