// One step of an optimizer over lists of parameters, gradients and states, in place, as torch.optim's.
#include "lists.cuh"

// Stochastic gradient descent: with g = +-gradient + weightDecay p and momentum m > 0: v = first ? g : m v + gain g,
// g = nesterov ? g + m v : v; then p -= learningRate g.
struct Sgd {
  float learningRate;
  float momentum;
  float gain;
  float weightDecay;
  float sign;
};

struct SgdStep {
  Sgd by;
  bool hasMomentum;
  bool nesterov;
  bool first;

  __device__ void operator()(float& p, float gradient, float& v) const {
    float g = by.sign * gradient + by.weightDecay * p;
    if (hasMomentum) {
      v = first ? g : by.momentum * v + by.gain * g;
      g = nesterov ? g + by.momentum * v : v;
    }
    p -= by.learningRate * g;
  }
};

extern "C" __global__ void sgd_step(Sgd sgd, int hasMomentum, int nesterov, int first,
    const __grid_constant__ Extents extents, const __grid_constant__ Pointers parameters,
    const __grid_constant__ Pointers gradients, const __grid_constant__ Pointers velocities) {
  SgdStep step = {sgd, hasMomentum != 0, nesterov != 0, first != 0};
  Chunk chunk(extents, blockIdx.x);
  float* p = chunk.of(parameters);
  const float* g = chunk.of(gradients);
  float* v = step.hasMomentum ? chunk.of(velocities) : 0;
  bool reads = step.hasMomentum && !step.first;
  int wide = chunk.length / 4;
  for (int i = threadIdx.x; i < wide; i += blockDim.x) {
    float4 ps = ((float4*)p)[i];
    float4 gs = ((const float4*)g)[i];
    float4 vs = reads ? ((float4*)v)[i] : make_float4(0, 0, 0, 0);
    step(ps.x, gs.x, vs.x);
    step(ps.y, gs.y, vs.y);
    step(ps.z, gs.z, vs.z);
    step(ps.w, gs.w, vs.w);
    ((float4*)p)[i] = ps;
    if (step.hasMomentum) {
      ((float4*)v)[i] = vs;
    }
  }
  for (int i = 4 * wide + threadIdx.x; i < chunk.length; i += blockDim.x) {
    float velocity = reads ? v[i] : 0.0f;
    step(p[i], g[i], velocity);
    if (step.hasMomentum) {
      v[i] = velocity;
    }
  }
}

// Adam and AdamW: with g = +-gradient, decoupled p *= shrinkage, else g += weightDecay p; m = beta1 m + meanGain g,
// v = beta2 v + varianceGain g g, p -= stepSize m / (sqrt(v) / correction + epsilon), with the largest v so far for
// amsgrad.
struct Adam {
  float beta1;
  float beta2;
  float meanGain;
  float varianceGain;
  float epsilon;
  float weightDecay;
  float shrinkage;
  float stepSize;
  float correction;
  float sign;
};

struct AdamStep {
  Adam by;
  bool decoupled;
  bool amsgrad;

  __device__ void operator()(float& p, float gradient, float& m, float& v, float& most) const {
    float g = by.sign * gradient;
    if (decoupled) {
      p *= by.shrinkage;
    } else {
      g += by.weightDecay * p;
    }
    m = by.beta1 * m + by.meanGain * g;
    v = by.beta2 * v + by.varianceGain * g * g;
    float used = v;
    if (amsgrad) {
      most = larger(most, v);
      used = most;
    }
    p -= by.stepSize * m / (sqrtf(used) / by.correction + by.epsilon);
  }
};

extern "C" __global__ void adam_step(Adam adam, int decoupled, int amsgrad, const __grid_constant__ Extents extents,
    const __grid_constant__ Pointers parameters, const __grid_constant__ Pointers gradients,
    const __grid_constant__ Pointers means, const __grid_constant__ Pointers variances,
    const __grid_constant__ Pointers largest) {
  AdamStep step = {adam, decoupled != 0, amsgrad != 0};
  Chunk chunk(extents, blockIdx.x);
  float* p = chunk.of(parameters);
  const float* g = chunk.of(gradients);
  float* m = chunk.of(means);
  float* v = chunk.of(variances);
  float* most = step.amsgrad ? chunk.of(largest) : 0;
  int wide = chunk.length / 4;
  for (int i = threadIdx.x; i < wide; i += blockDim.x) {
    float4 ps = ((float4*)p)[i];
    float4 gs = ((const float4*)g)[i];
    float4 ms = ((float4*)m)[i];
    float4 vs = ((float4*)v)[i];
    float4 mosts = step.amsgrad ? ((float4*)most)[i] : make_float4(0, 0, 0, 0);
    step(ps.x, gs.x, ms.x, vs.x, mosts.x);
    step(ps.y, gs.y, ms.y, vs.y, mosts.y);
    step(ps.z, gs.z, ms.z, vs.z, mosts.z);
    step(ps.w, gs.w, ms.w, vs.w, mosts.w);
    ((float4*)p)[i] = ps;
    ((float4*)m)[i] = ms;
    ((float4*)v)[i] = vs;
    if (step.amsgrad) {
      ((float4*)most)[i] = mosts;
    }
  }
  for (int i = 4 * wide + threadIdx.x; i < chunk.length; i += blockDim.x) {
    float largestSoFar = step.amsgrad ? most[i] : 0.0f;
    step(p[i], g[i], m[i], v[i], largestSoFar);
    if (step.amsgrad) {
      most[i] = largestSoFar;
    }
  }
}
