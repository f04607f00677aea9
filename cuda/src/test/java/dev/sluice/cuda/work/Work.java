package dev.sluice.cuda.work;

/**
 * A call of the backend, ready to be repeated.
 *
 * @param name what it does, and its sizes
 * @param elements what figures of its kernels are divided by: elements of its largest operand, logits of attention,
 *     units of all steps of a recurrence
 * @param call the call
 */
record Work(String name, long elements, Runnable call) {}
