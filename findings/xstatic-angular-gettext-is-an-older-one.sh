#!/usr/bin/env bash
# python3-xstatic-angular-gettext 2.4.1.0 (Debian 13), which Horizon has its pages translated with: its one script is a link
# into libjs-angular-gettext, of version 2.3.8, and no dependency asks for another. That one calls `angular.lowercase`, which
# AngularJS has not had since 1.7, as its directive `translate` is made; python3-xstatic-angular is 1.8. So elements with the
# attribute `translate`, as some 90 templates of Horizon have, stay in English, with an error in the browser's console.
# The filter of the same name translates. A `lowercase` that is put back is all that it takes.
#
# Seen, in French:
#   AngularJS 1.8.3, angular-gettext 2.3.8
#   as it is: filter: filtré, element: Projects of 2, TypeError: angular.lowercase is not a function
#   with lowercase: filter: filtré, element: Projets de 2
#
# Needs root, mmdebstrap and Debian's package archive; 2 minutes, 400 MB of temporary disk. The page is jsdom's. Exits with 1
# where the behaviour is another one.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --quiet --variant=minbase \
  --include=python3-xstatic-angular,python3-xstatic-angular-gettext,nodejs,node-jsdom trixie "$root/trixie"
version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' python3-xstatic-angular-gettext)
echo "python3-xstatic-angular-gettext $version"
[[ $version == 2.4.1.0* ]] || { echo 'not the version that this was seen with (2.4.1.0)'; exit 1; }

# The scripts that the two packages hand to Horizon, and whose they are.
script_of() {
  chroot "$root/trixie" python3 -c '
import importlib, os, sys
package = importlib.import_module("xstatic.pkg." + sys.argv[1])
print(os.path.realpath(os.path.join(package.BASE_DIR, sys.argv[2])))' "$1" "$2"
}
angular=$(script_of angular angular.js)
gettext=$(script_of angular_gettext angular-gettext.js)
owner=$(chroot "$root/trixie" dpkg-query -S "$gettext" | cut -d : -f 1)
gettext_version=$(chroot "$root/trixie" dpkg-query -W -f '${Version}' "$owner" | cut -d - -f 1)

cat > "$root/trixie/tmp/page.js" <<'JS'
const { readFileSync } = require("node:fs");
const { JSDOM, VirtualConsole } = require("jsdom");
const [angular, gettext, version] = process.argv.slice(2);

function open(before) {
  const said = [];
  const browser = new VirtualConsole();
  browser.on("error", (error) => said.push(String(error).split("\n")[0]));
  const { window } = new JSDOM(
    `<p id="filter">{{ 'filtered' | translate }}</p><p id="element" translate>Projects of {{ 1 + 1 }}</p>`,
    { runScripts: "outside-only", virtualConsole: browser },
  );
  for (const script of [angular, gettext]) window.eval(readFileSync(script, "utf8"));
  window.eval(`${before};
    angular.module("page", ["gettext"]).run(["gettextCatalog", (catalog) => {
      catalog.setStrings("fr", { filtered: "filtré", "Projects of {{ 1 + 1 }}": "Projets de {{ 1 + 1 }}" });
      catalog.setCurrentLanguage("fr");
    }]);
    angular.bootstrap(document.body, ["page"]);`);
  const shown = ["filter", "element"].map((id) => `${id}: ${window.document.getElementById(id).textContent}`);
  return [window.angular.version.full, [...shown, ...said].join(", ")];
}
const [full, asItIs] = open("");
console.log(`AngularJS ${full}, angular-gettext ${version}`);
console.log(`as it is: ${asItIs}`);
console.log(`with lowercase: ${open("angular.lowercase = (text) => text.toLowerCase()")[1]}`);
JS
seen=$(chroot "$root/trixie" env -i PATH=/usr/bin:/bin NODE_PATH=/usr/share/nodejs \
  node /tmp/page.js "$angular" "$gettext" "$gettext_version")
echo "$seen"
diff <(echo "$seen") - <<'SEEN' || { echo 'the behaviour is another one'; exit 1; }
AngularJS 1.8.3, angular-gettext 2.3.8
as it is: filter: filtré, element: Projects of 2, TypeError: angular.lowercase is not a function
with lowercase: filter: filtré, element: Projets de 2
SEEN
