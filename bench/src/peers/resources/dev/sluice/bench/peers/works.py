# The works in PyTorch's own language: TorchScript, as the methods of a module. Every method takes a list of tensors
# and returns a list of tensors. Where two methods do the same work, both are tried and the faster one is kept.


def gemm(self, t: List[Tensor]) -> List[Tensor]:
    return [torch.mm(t[0], t[1], out=t[2])]


def softmax(self, t: List[Tensor]) -> List[Tensor]:
    return [torch.softmax(t[0], -1, None, out=t[1])]


# From the weights alone: the kernel that autograd would call.
def softmax_gradient(self, t: List[Tensor]) -> List[Tensor]:
    return [torch._softmax_backward_data(t[0], t[1], -1, 6, grad_input=t[2])]


# Nothing is recorded for autograd but from here until the gradients are there.
def leaves(self, t: List[Tensor]) -> List[Tensor]:
    torch.set_grad_enabled(True)
    made: List[Tensor] = []
    for tensor in t:
        made.append(tensor.detach().requires_grad_(True))
    return made


# The result, then the gradients of the leaves.
def with_gradients(self, result: Tensor, gradient: Optional[Tensor], leaves: List[Tensor]) -> List[Tensor]:
    results = [result.detach()]
    upstream: List[Optional[Tensor]] = [gradient]
    for found in torch.grad([result], leaves, upstream, False, False, False):
        if found is not None:
            results.append(found)
    torch.set_grad_enabled(False)
    return results


def attention(self, t: List[Tensor]) -> List[Tensor]:
    return [torch.scaled_dot_product_attention(t[0], t[1], t[2], None, 0.0, False)]


def attention_causal(self, t: List[Tensor]) -> List[Tensor]:
    return [torch.scaled_dot_product_attention(t[0], t[1], t[2], None, 0.0, True)]


def attention_gradient(self, t: List[Tensor]) -> List[Tensor]:
    made = self.leaves(t[:3])
    return self.with_gradients(self.attention(made)[0], t[3], made)


def attention_causal_gradient(self, t: List[Tensor]) -> List[Tensor]:
    made = self.leaves(t[:3])
    return self.with_gradients(self.attention_causal(made)[0], t[3], made)


# Recurrences: input (steps, batch, input), weight_ih, weight_hh, bias_ih, bias_hh, state (1, batch, hidden).
def lstm(self, t: List[Tensor]) -> List[Tensor]:
    return [torch.lstm(t[0], [t[5], t[5]], t[1:5], True, 1, 0.0, False, False, False)[0]]


def lstm_gradient(self, t: List[Tensor]) -> List[Tensor]:
    made = self.leaves(t[:5])
    output = torch.lstm(made[0], [t[5], t[5]], made[1:], True, 1, 0.0, True, False, False)[0]
    return self.with_gradients(output, t[6], made)


def gru(self, t: List[Tensor]) -> List[Tensor]:
    return [torch.gru(t[0], t[5], t[1:5], True, 1, 0.0, False, False, False)[0]]


def gru_gradient(self, t: List[Tensor]) -> List[Tensor]:
    made = self.leaves(t[:5])
    output = torch.gru(made[0], t[5], made[1:], True, 1, 0.0, True, False, False)[0]
    return self.with_gradients(output, t[6], made)


# JANET with beta 1: h' = sigmoid(s) h + sigmoid(1 - s) tanh(g), where sigmoid(1 - s) is the formula's
# 1 - sigmoid(s - 1).
def janet_step(self, state: Tensor, forget: Tensor, candidate: Tensor) -> Tensor:
    return torch.addcmul(forget.sigmoid() * state, torch.rsub(forget, 1.0).sigmoid(), candidate.tanh())


# One product of both gates a step.
def janet_sweep(self, t: List[Tensor], state: Tensor) -> Tensor:
    hidden = state.size(1)
    recurrent = t[2].t()
    outputs: List[Tensor] = []
    for projected in torch.linear(t[0], t[1], t[3] + t[4]).unbind(0):
        sums = torch.addmm(projected, state, recurrent)
        state = self.janet_step(state, sums.narrow(1, 0, hidden), sums.narrow(1, hidden, hidden))
        outputs.append(state)
    return torch.stack(outputs, 0)


# A product for each gate, whose sums are contiguous.
def janet_sweep_in_parts(self, t: List[Tensor], state: Tensor) -> Tensor:
    weights = t[1].chunk(2)
    recurrent = t[2].chunk(2)
    bias = (t[3] + t[4]).chunk(2)
    forgets = torch.linear(t[0], weights[0], bias[0]).unbind(0)
    candidates = torch.linear(t[0], weights[1], bias[1]).unbind(0)
    of_forget = recurrent[0].t()
    of_candidate = recurrent[1].t()
    outputs: List[Tensor] = []
    for i in range(len(forgets)):
        forget = torch.addmm(forgets[i], state, of_forget)
        state = self.janet_step(state, forget, torch.addmm(candidates[i], state, of_candidate))
        outputs.append(state)
    return torch.stack(outputs, 0)


def janet(self, t: List[Tensor]) -> List[Tensor]:
    return [self.janet_sweep(t, t[5].select(0, 0))]


def janet_in_parts(self, t: List[Tensor]) -> List[Tensor]:
    return [self.janet_sweep_in_parts(t, t[5].select(0, 0))]


def janet_gradient(self, t: List[Tensor]) -> List[Tensor]:
    made = self.leaves(t[:5])
    return self.with_gradients(self.janet_sweep(made, t[5].select(0, 0)), t[6], made)


def janet_in_parts_gradient(self, t: List[Tensor]) -> List[Tensor]:
    made = self.leaves(t[:5])
    return self.with_gradients(self.janet_sweep_in_parts(made, t[5].select(0, 0)), t[6], made)


# IndRNN: h' = relu(x + u h) from 0.
def indrnn_sweep(self, input: Tensor, weight: Tensor) -> Tensor:
    steps = input.unbind(0)
    state = torch.relu(steps[0])
    outputs = [state]
    for i in range(1, len(steps)):
        state = torch.relu(torch.addcmul(steps[i], weight, state))
        outputs.append(state)
    return torch.stack(outputs, 0)


def indrnn_gradient(self, t: List[Tensor]) -> List[Tensor]:
    made = self.leaves(t[:2])
    return self.with_gradients(self.indrnn_sweep(made[0], made[1]), t[2], made)


# The weight spread over the batch once, so that its gradient is summed over the batch once.
def indrnn_spread_gradient(self, t: List[Tensor]) -> List[Tensor]:
    made = self.leaves(t[:2])
    weight = made[1].expand([t[0].size(1), t[0].size(2)])
    return self.with_gradients(self.indrnn_sweep(made[0], weight), t[2], made)


def layer_norm(self, t: List[Tensor]) -> List[Tensor]:
    return [torch.native_layer_norm(t[0], [t[0].size(-1)], t[1], t[2], 1e-5)[0]]


def layer_norm_gradient(self, t: List[Tensor]) -> List[Tensor]:
    shape = [t[0].size(-1)]
    output, mean, deviation = torch.native_layer_norm(t[0], shape, t[1], t[2], 1e-5)
    of_input, of_weight, of_bias = torch.native_layer_norm_backward(
        t[3], t[0], shape, mean, deviation, t[1], t[2], [True, True, True])
    return [output, of_input, of_weight, of_bias]


def cross_entropy_gradient(self, t: List[Tensor]) -> List[Tensor]:
    made = self.leaves(t[:1])
    return self.with_gradients(torch.cross_entropy_loss(made[0], t[1]), None, made)


# The gradient, the tokens, and a table whose rows count.
def embedding_gradient(self, t: List[Tensor]) -> List[Tensor]:
    return [torch.embedding_dense_backward(t[0], t[1], t[2].size(0), -1, False)]


# clip_grad_norm_ as PyTorch's own does it over lists; returns the norm before.
def clip_norm(self, gradients: List[Tensor], maximum: Tensor) -> Tensor:
    norm = torch.stack(torch._foreach_norm(gradients, 2)).norm()
    torch._foreach_mul_(gradients, torch.clamp(maximum / (norm + 1e-6), None, 1.0))
    return norm


# Gradients, then the maximum.
def clip(self, t: List[Tensor]) -> List[Tensor]:
    gradients = t[:-1]
    norm = self.clip_norm(gradients, t[-1])
    return [norm, gradients[0]]


# Returns a parameter: TorchScript leaves out a call of which nothing is used, even if it changes its arguments.
def adam_step(self, parameters: List[Tensor], gradients: List[Tensor], first: List[Tensor], second: List[Tensor],
        steps: List[Tensor]) -> Tensor:
    torch._foreach_add_(steps, 1)
    torch._fused_adam_(parameters, gradients, first, second, [], steps,
        lr=0.001, beta1=0.9, beta2=0.999, weight_decay=0.0, eps=1e-8, amsgrad=False, maximize=False)
    return parameters[0]


# Parameters, their gradients, first and second moments, steps.
def adam(self, t: List[Tensor]) -> List[Tensor]:
    n = len(t) // 5
    return [self.adam_step(t[:n], t[n:2 * n], t[2 * n:3 * n], t[3 * n:4 * n], t[4 * n:])]


# Fills the first half of the list with the second.
def copy(self, t: List[Tensor]) -> List[Tensor]:
    n = len(t) // 2
    for i in range(n):
        t[i].copy_(t[n + i])
    return []


# One step of the classifier: images (batch, 28, 28), labels (batch); weight_ih, weight_hh, bias_ih, bias_hh of the
# LSTM, weight and bias of the classifier; the maximum norm; Adam's moments and steps. Returns the loss and a parameter.
def train(self, t: List[Tensor]) -> List[Tensor]:
    parameters = self.leaves(t[2:8])
    hidden = t[3].size(1)
    zero = torch.zeros([1, t[0].size(0), hidden])
    outputs, last, _ = torch.lstm(t[0], [zero, zero], parameters[:4], True, 1, 0.0, True, False, True)
    query = last.select(0, 0)
    scores = torch.bmm(outputs, query.unsqueeze(2)) / float(hidden) ** 0.5
    attended = torch.bmm(scores.softmax(1).transpose(1, 2), outputs).squeeze(1)
    logits = torch.linear(torch.cat([attended, query], 1), parameters[4], parameters[5])
    results = self.with_gradients(torch.cross_entropy_loss(logits, t[1]), None, parameters)
    gradients = results[1:]
    self.clip_norm(gradients, t[8])
    return [results[0], self.adam_step(t[2:8], gradients, t[9:15], t[15:21], t[21:])]
