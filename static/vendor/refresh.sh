#!/bin/sh
# Makes static/vendor anew from the versions pinned in package.json and package-lock.json. Only this needs Node;
# what it makes is committed, so that running and testing do not. Called by `make vendor`.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
vendor="$root/static/vendor"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

cp "$root/package.json" "$root/package-lock.json" "$vendor/source/nhsuk-frontend.scss" "$work/"
cd "$work"
npm ci --ignore-scripts --no-audit --no-fund
modules="$work/node_modules"

made="$work/made"
design="$made/nhsuk-frontend"
mkdir -p "$design/images" "$made/htmx" "$made/idb" "$made/uplot"

npx sass --no-source-map --style=compressed --quiet-deps --load-path="$modules" \
  nhsuk-frontend.scss "$design/nhsuk-frontend.min.css"
# The mirror image for scripts that run from right to left: the design system names left and right.
npx rtlcss "$design/nhsuk-frontend.min.css" "$design/nhsuk-frontend.rtl.min.css"
if grep -Eiq 'frutiger|https?://[a-z0-9.]*nhs' "$design"/*.css; then
  echo "The compiled stylesheet names a licensed font or an outside host." >&2
  exit 1
fi
for image in $(grep -Eoh 'images/[A-Za-z0-9._-]+' "$design/nhsuk-frontend.min.css" | sort -u); do
  cp "$modules/nhsuk-frontend/dist/nhsuk/assets/$image" "$design/images/"
done

cp "$modules/htmx.org/dist/htmx.min.js" "$modules/htmx.org/LICENSE" "$made/htmx/"
cp "$modules/idb/build/index.js" "$modules/idb/LICENSE" "$made/idb/"
cp "$modules/uplot/dist/uPlot.iife.min.js" "$modules/uplot/dist/uPlot.min.css" "$modules/uplot/LICENSE" "$made/uplot/"

# Everything worked: only now is the old copy given up.
rm -rf "$vendor/nhsuk-frontend" "$vendor/htmx" "$vendor/idb" "$vendor/uplot"
mv "$made/nhsuk-frontend" "$made/htmx" "$made/idb" "$made/uplot" "$vendor/"

version() { node -p "require('$modules/$1/package.json').version"; }
cat > "$vendor/VERSIONS.txt" <<VERSIONS
nhsuk-frontend $(version nhsuk-frontend)  MIT   nhsuk-frontend/  (LICENCE-nhsuk-frontend.txt)
htmx.org       $(version htmx.org)  0BSD  htmx/            (htmx/LICENSE)
idb            $(version idb)   ISC   idb/             (idb/LICENSE)
uplot          $(version uplot)  MIT   uplot/           (uplot/LICENSE)

Made by static/vendor/refresh.sh (\`make vendor\`) with sass $(version sass) and rtlcss $(version rtlcss).
VERSIONS
