# From what `ptxas -v` says of every architecture to a table: a row a kernel, with its static shared memory in bytes, and for
# each architecture the registers of a thread and, after a plus, the bytes it spills where it does.
/Compiling entry function/ {
  split($0, parts, "'")
  kernel = parts[2]
  arch = parts[4]
  if (!(kernel in seen)) { seen[kernel] = 1; kernels[++count] = kernel }
  if (!(arch in known)) { known[arch] = 1; archs[++archCount] = arch }
}
/bytes spill stores/ {
  for (i = 1; i <= NF; i++) if ($(i + 1) == "bytes" && $(i + 2) == "spill" && $(i + 3) ~ /^stores/) spill = $i
}
/Used [0-9]+ registers/ {
  for (i = 1; i <= NF; i++) {
    if ($i == "Used") used[kernel, arch] = $(i + 1) (spill > 0 ? "+" spill : "")
    if ($(i + 1) == "bytes" && $(i + 2) ~ /^smem/) shared[kernel] = $i
  }
  spill = 0
}
END {
  printf "kernel\tshared"
  for (a = 1; a <= archCount; a++) printf "\t%s", archs[a]
  printf "\n"
  for (k = 1; k <= count; k++) {
    row = kernels[k] "\t" (shared[kernels[k]] + 0)
    for (a = 1; a <= archCount; a++) row = row "\t" used[kernels[k], archs[a]]
    print row | "LC_ALL=C sort"
  }
}
