// The one translation unit: every kernel that ships.
#include "gemm.cu"
