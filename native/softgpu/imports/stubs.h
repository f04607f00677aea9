// A function that the software GPU does not have: counted, and answered with its library's code for that. Weak, so that
// a function of the same name that it has takes its place.
#pragma once

extern "C" int cuSoftgpuCount(const char* name);

#define STUB(name, unsupported)                                   \
  extern "C" __attribute__((weak)) int name() {                   \
    int planned = cuSoftgpuCount(#name);                          \
    return planned != 0 ? planned : unsupported;                  \
  }
