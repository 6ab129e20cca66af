#!/bin/sh
# Copies the Vega runtime out of npm packages. Usage: refresh.sh DIR, where DIR holds node_modules made by
#   npm install vega@6.4.0 vega-lite@6.4.3 vega-interpreter@2.3.2
set -eu
modules="$1/node_modules"
cd "$(dirname "$0")"
# Source map comments go: developer tools would ask for files that are not there.
for package in vega vega-lite; do
  sed '/^\/\/# sourceMappingURL=/d' "$modules/$package/build/$package.min.js" > "$package.min.js"
  cp "$modules/$package/LICENSE" "LICENSE.$package"
done
cp "$modules/vega-interpreter/LICENSE" LICENSE.vega-interpreter
# The interpreter is shipped as an ES module only. Wrapped here as a plain script that takes its one import from `vega`.
{
  echo 'var vegaInterpreter = (function ({ ascending, isString, DisallowedObjectProperties }) {'
  sed -e '/^import .* from .vega-util.;$/d' -e '/^\/\/# sourceMappingURL=/d' \
    -e 's/^export { expression as expressionInterpreter };$/return { expressionInterpreter: expression };/' \
    "$modules/vega-interpreter/build/vega-interpreter.js"
  echo '})(vega);'
} > vega-interpreter.js
# vega.min.js bundles these; their terms ask that the notice travels along.
for package in d3-array d3-color d3-delaunay d3-dispatch d3-dsv d3-ease d3-force d3-format d3-geo d3-geo-projection \
  d3-hierarchy d3-interpolate d3-path d3-quadtree d3-scale d3-scale-chromatic d3-shape d3-time d3-time-format d3-timer \
  delaunator internmap robust-predicates topojson-client; do
  echo "==== $package ===="
  cat "$modules/$package/LICENSE"
  echo
done > LICENSE.bundled
