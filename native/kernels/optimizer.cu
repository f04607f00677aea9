// One step of an optimizer over lists of parameters, gradients and states, in place, as torch.optim's.
#include "lists.cuh"

// Stochastic gradient descent: with g = +-gradient + weightDecay p and momentum m > 0: v = first ? g : m v + gain g, g =
// nesterov ? g + m v : v; then p -= learningRate g.
struct Sgd {
  float learningRate;
  float momentum;
  float gain;
  float weightDecay;
  float sign;
  int hasMomentum;
  int nesterov;
  int first;

  __device__ void step(float& p, float gradient, float& v) const {
    float g = sign * gradient + weightDecay * p;
    if (hasMomentum) {
      v = first ? g : momentum * v + gain * g;
      g = nesterov ? g + momentum * v : v;
    }
    p -= learningRate * g;
  }
};

extern "C" __global__ void sgd_step(Sgd sgd, const __grid_constant__ Extents extents,
    const __grid_constant__ Pointers parameters, const __grid_constant__ Pointers gradients,
    const __grid_constant__ Pointers velocities) {
  Chunk chunk(extents, blockIdx.x);
  float* p = chunk.of(parameters);
  const float* g = chunk.of(gradients);
  float* v = sgd.hasMomentum ? chunk.of(velocities) : 0;
  bool reads = sgd.hasMomentum && !sgd.first;
  int wide = chunk.length / 4;
  for (int i = threadIdx.x; i < wide; i += blockDim.x) {
    float4 ps = ((float4*)p)[i];
    float4 gs = ((const float4*)g)[i];
    float4 vs = reads ? ((float4*)v)[i] : make_float4(0, 0, 0, 0);
    sgd.step(ps.x, gs.x, vs.x);
    sgd.step(ps.y, gs.y, vs.y);
    sgd.step(ps.z, gs.z, vs.z);
    sgd.step(ps.w, gs.w, vs.w);
    ((float4*)p)[i] = ps;
    if (sgd.hasMomentum) {
      ((float4*)v)[i] = vs;
    }
  }
  for (int i = 4 * wide + threadIdx.x; i < chunk.length; i += blockDim.x) {
    float velocity = reads ? v[i] : 0.0f;
    sgd.step(p[i], g[i], velocity);
    if (sgd.hasMomentum) {
      v[i] = velocity;
    }
  }
}

// Adam and AdamW: with g = +-gradient, decoupled p *= shrinkage, else g += weightDecay p; m = beta1 m + meanGain g, v =
// beta2 v + varianceGain g g, p -= stepSize m / (sqrt(v) / correction + epsilon), with the largest v so far for amsgrad.
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
  int decoupled;
  int amsgrad;

  __device__ void step(float& p, float gradient, float& m, float& v, float& most) const {
    float g = sign * gradient;
    if (decoupled) {
      p *= shrinkage;
    } else {
      g += weightDecay * p;
    }
    m = beta1 * m + meanGain * g;
    v = beta2 * v + varianceGain * g * g;
    float used = v;
    if (amsgrad) {
      most = larger(most, v);
      used = most;
    }
    p -= stepSize * m / (sqrtf(used) / correction + epsilon);
  }
};

extern "C" __global__ void adam_step(Adam adam, const __grid_constant__ Extents extents,
    const __grid_constant__ Pointers parameters, const __grid_constant__ Pointers gradients,
    const __grid_constant__ Pointers means, const __grid_constant__ Pointers variances,
    const __grid_constant__ Pointers largest) {
  Chunk chunk(extents, blockIdx.x);
  float* p = chunk.of(parameters);
  const float* g = chunk.of(gradients);
  float* m = chunk.of(means);
  float* v = chunk.of(variances);
  float* most = adam.amsgrad ? chunk.of(largest) : 0;
  int wide = chunk.length / 4;
  for (int i = threadIdx.x; i < wide; i += blockDim.x) {
    float4 ps = ((float4*)p)[i];
    float4 gs = ((const float4*)g)[i];
    float4 ms = ((float4*)m)[i];
    float4 vs = ((float4*)v)[i];
    float4 mosts = adam.amsgrad ? ((float4*)most)[i] : make_float4(0, 0, 0, 0);
    adam.step(ps.x, gs.x, ms.x, vs.x, mosts.x);
    adam.step(ps.y, gs.y, ms.y, vs.y, mosts.y);
    adam.step(ps.z, gs.z, ms.z, vs.z, mosts.z);
    adam.step(ps.w, gs.w, ms.w, vs.w, mosts.w);
    ((float4*)p)[i] = ps;
    ((float4*)m)[i] = ms;
    ((float4*)v)[i] = vs;
    if (adam.amsgrad) {
      ((float4*)most)[i] = mosts;
    }
  }
  for (int i = 4 * wide + threadIdx.x; i < chunk.length; i += blockDim.x) {
    float largestSoFar = adam.amsgrad ? most[i] : 0.0f;
    adam.step(p[i], g[i], m[i], v[i], largestSoFar);
    if (adam.amsgrad) {
      most[i] = largestSoFar;
    }
  }
}
