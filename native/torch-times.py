"""PyTorch's times of what dev.sluice.cuda.work has by the same names and sizes, for native/gpu-day.

Prints a row for each: its name, its elements, and microseconds of a call, the median and the least of the rounds, as
TimingsMain does. Float32 throughout, TF32 off. Arguments: the seconds of a round, and "small" for small sizes.
"""

import sys
import time

import torch
import torch.nn.functional as F

ROUNDS = 5
SECONDS = float(sys.argv[1])
SMALL = sys.argv[2:] == ["small"]
DEVICE = torch.device("cuda")


def size(full, small):
    return small if SMALL else full


def reals(*shape):
    return torch.rand(*shape, device=DEVICE) + 0.1


def one_round(call, calls):
    start = time.perf_counter()
    for _ in range(calls):
        call()
    torch.cuda.synchronize()
    return time.perf_counter() - start


def show(name, elements, call):
    one_round(call, 3)
    calls = 1
    while one_round(call, calls) < SECONDS / ROUNDS:
        calls *= 2
    times = sorted(one_round(call, calls) / calls * 1e6 for _ in range(ROUNDS))
    print(f"{name}\t{elements}\t{times[ROUNDS // 2]:.2f}\t{times[0]:.2f}", flush=True)


def backward(name, elements, result, inputs, gradient=None):
    """The backward of a result alone, which keeps its graph."""
    gradient = torch.ones_like(result) if gradient is None else gradient
    show(name, elements, lambda: torch.autograd.grad(result, inputs, gradient, retain_graph=True))


def points():
    side = size(4096, 256)
    n = side * side
    x, y = reals(n), reals(n)
    line = reals(side)
    show("fill of one element", 1, lambda: y[:1].fill_(2))
    show("fill", n, lambda: y.fill_(2))
    show("copy", n, lambda: y.copy_(x))
    show("accumulate", n, lambda: y.add_(x, alpha=2))
    square = x.view(side, side)
    other = y.view(side, side)
    show("transpose", n, lambda: other.copy_(square.t()))
    functions = {"relu": torch.relu, "exp": torch.exp, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "log": torch.log,
                 "sqrt": torch.sqrt, "abs": torch.abs, "square": torch.square, "gelu": F.gelu, "softplus": F.softplus}
    for name, function in functions.items():
        show(name, n, lambda: function(x))
        leaf = x.clone().requires_grad_()
        backward(name + " backward", n, function(leaf), leaf)
    for name, function in {"add": torch.add, "subtract": torch.sub, "multiply": torch.mul, "divide": torch.div,
                           "maximum": torch.maximum, "minimum": torch.minimum, "power": torch.pow}.items():
        show(name, n, lambda: function(x, y))
        show(name + " a row", n, lambda: function(square, line))
    show("dropout", n, lambda: F.dropout(x, 0.1))


def folds():
    side = size(4096, 512)
    n = side * side
    x = reals(side, side)
    for name in ("sum", "amax", "amin"):
        function = getattr(torch, name)
        title = name.removeprefix("a") if name != "sum" else name
        show(title + " of rows", n, lambda: function(x, 1))
        show(title + " of columns", n, lambda: function(x, 0))
        show(title + " of all", n, lambda: function(x, (0, 1)))
    show("arg-max of rows", n, lambda: torch.argmax(x, 1))
    show("arg-max of columns", n, lambda: torch.argmax(x, 0))


def rows():
    n = size(1 << 24, 1 << 16)
    for width in (1024, 8192):
        x = reals(n // width, width).requires_grad_()
        with torch.no_grad():
            show(f"softmax of rows of {width}", n, lambda: torch.softmax(x, 1))
        backward(f"softmax of rows of {width} backward", n, torch.softmax(x, 1), x)
    x = reals(n // 1024, 1024).requires_grad_()
    with torch.no_grad():
        show("log-softmax", n, lambda: torch.log_softmax(x, 1))
    backward("log-softmax backward", n, torch.log_softmax(x, 1), x)
    for count, classes in ((n // 1024, 1024), (n // 8192, 8192), (size(1 << 20, 1 << 14), 16)):
        logits = reals(count, classes).requires_grad_()
        labels = torch.randint(classes, (count,), device=DEVICE)
        name = f"cross-entropy of {classes} classes"
        with torch.no_grad():
            show(name, count * classes, lambda: F.cross_entropy(logits, labels, label_smoothing=0.1))
        backward(name + " backward", count * classes, F.cross_entropy(logits, labels, label_smoothing=0.1), logits)
    for width in (1024, 256):
        x = reals(n // width, width).requires_grad_()
        norm = torch.nn.LayerNorm(width, device=DEVICE)
        with torch.no_grad():
            show(f"layer norm of rows of {width}", n, lambda: norm(x))
        backward(f"layer norm of rows of {width} backward", n, norm(x), [x, norm.weight, norm.bias])


def lists():
    count, length = size(24, 3), size(512 * 512, 2 * 4096)
    parameters = [reals(length).requires_grad_() for _ in range(count)]
    for parameter in parameters:
        parameter.grad = reals(length)
    for name, optimizer in {
            "sgd with momentum": torch.optim.SGD(parameters, lr=1e-6, momentum=0.9, fused=True),
            "adam": torch.optim.AdamW(parameters, lr=1e-6, fused=True),
            "adam with amsgrad": torch.optim.AdamW(parameters, lr=1e-6, amsgrad=True, fused=True)}.items():
        show(name, count * length, optimizer.step)
    show("norm of p = 2.0", count * length, lambda: torch.nn.utils.get_total_norm([p.grad for p in parameters]))
    tokens, vocabulary, width = size(1 << 16, 1 << 11), size(50_000, 1000), 256
    table = reals(vocabulary, width).requires_grad_()
    indices = torch.randint(vocabulary, (tokens,), device=DEVICE)
    with torch.no_grad():
        show("embedding", tokens * width, lambda: F.embedding(indices, table))
    backward("embedding backward", tokens * width, F.embedding(indices, table), table)
    batch, channels, side = size(32, 2), size(64, 4), size(56, 32)
    x = reals(batch, channels, side, side).requires_grad_()
    with torch.no_grad():
        show("unfold", x.numel(), lambda: F.unfold(x, 3, padding=1))
        show("max pool", x.numel(), lambda: F.max_pool2d(x, 3, 2, 1, return_indices=True))
        show("average pool", x.numel(), lambda: F.avg_pool2d(x, 3, 2, 1))
    backward("max pool backward", x.numel(), F.max_pool2d(x, 3, 2, 1), x)
    backward("average pool backward", x.numel(), F.avg_pool2d(x, 3, 2, 1), x)


def attention():
    batch, heads, length = size(4, 1), size(16, 2), size(1024, 128)
    logits = batch * heads * length * length
    for name, width, causal in (("attention", 64, False), ("causal attention", 64, True),
                                ("attention of width 128", 128, False)):
        q, k, v = (reals(batch, heads, length, width).requires_grad_() for _ in range(3))
        with torch.no_grad():
            show(name, logits, lambda: F.scaled_dot_product_attention(q, k, v, is_causal=causal))
        result = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
        backward(name + " backward", logits, result, [q, k, v])


def recurrences():
    for form, steps, batch, width in (("in one kernel", size(100, 4), size(256, 8), 32),
                                      ("by steps", size(28, 3), size(64, 8), 128)):
        for name, layer in {"lstm": torch.nn.LSTM(width, width), "gru": torch.nn.GRU(width, width),
                            "rnn tanh": torch.nn.RNN(width, width),
                            "rnn relu": torch.nn.RNN(width, width, nonlinearity="relu")}.items():
            layer.to(DEVICE)
            x = reals(steps, batch, width).requires_grad_()
            units = steps * batch * width
            # A layer that requires gradients keeps what backward reads, as ours does here.
            show(f"{name} {form}", units, lambda: layer(x))
            backward(f"{name} {form} backward", units, layer(x)[0], [x, *layer.parameters()])


def products():
    side = size(4096, 256)
    a, b, bias = reals(side, side), reals(side, side), reals(side)
    show("product with a bias", side * side, lambda: torch.addmm(bias, a, b))


torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
print(f"# torch {torch.__version__}, {torch.cuda.get_device_name()}")
print("work\telements\tmedian us\tleast us")
for family in (points, folds, rows, lists, attention, recurrences, products):
    family()
