# make -f ptx.mk: the committed PTX of the test kernels, where nvcc 13 is.
all: clean.ptx bugs.ptx driver_kernels.ptx

%.ptx: %.cu
	nvcc -ptx -arch=compute_75 -lineinfo $< -o $@
	sed -i -e 's/^\.version .*/.version 8.0/' -e 's|"[^"]*/\($<\)"|"\1"|' -e 's|"[^"]*/include/|"/include/|' $@
