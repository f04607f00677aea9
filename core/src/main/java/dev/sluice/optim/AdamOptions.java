package dev.sluice.optim;

import dev.sluice.checks.Arguments;

/**
 * The arguments of torch.optim.Adam and AdamW, with their names and defaults.
 *
 * @param lr learning rate, 0 or more; 1e-3
 * @param beta1 decay of the mean, 0 to below 1; 0.9
 * @param beta2 decay of the variance, 0 to below 1; 0.999
 * @param eps added to the denominator, 0 or more; 1e-8
 * @param weightDecay 0 or more; 0 for Adam, 1e-2 for AdamW
 * @param amsgrad whether the largest variance so far is used; false
 * @param maximize whether to climb; false
 */
public record AdamOptions(double lr, double beta1, double beta2, double eps, double weightDecay, boolean amsgrad,
    boolean maximize) {
  public AdamOptions {
    Arguments.notNegative("adam", "lr", lr);
    Arguments.require(beta1 >= 0 && beta1 < 1, "adam", "beta1 is " + beta1, "0 to below 1");
    Arguments.require(beta2 >= 0 && beta2 < 1, "adam", "beta2 is " + beta2, "0 to below 1");
    Arguments.notNegative("adam", "eps", eps);
    Arguments.notNegative("adam", "weightDecay", weightDecay);
  }

  /** torch.optim.Adam's defaults. */
  public static AdamOptions adam() {
    return new AdamOptions(1e-3, 0.9, 0.999, 1e-8, 0, false, false);
  }

  /** torch.optim.AdamW's defaults. */
  public static AdamOptions adamW() {
    return adam().withWeightDecay(1e-2);
  }

  /** The same with another learning rate. */
  public AdamOptions withLr(double lr) {
    return new AdamOptions(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /** The same with other decays of mean and variance. */
  public AdamOptions withBetas(double beta1, double beta2) {
    return new AdamOptions(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /** The same with another addition to the denominator. */
  public AdamOptions withEps(double eps) {
    return new AdamOptions(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /** The same with another weight decay. */
  public AdamOptions withWeightDecay(double weightDecay) {
    return new AdamOptions(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /** The same with or without the largest variance. */
  public AdamOptions withAmsgrad(boolean amsgrad) {
    return new AdamOptions(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }

  /** The same, climbing or not. */
  public AdamOptions withMaximize(boolean maximize) {
    return new AdamOptions(lr, beta1, beta2, eps, weightDecay, amsgrad, maximize);
  }
}
