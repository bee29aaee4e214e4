/** What an image must not hold, as found by `auditScript`. */
export interface Finding {
  kind: FindingKind;
  detail: string;
}

export type FindingKind = 'set-uid' | 'world-writable' | 'private-key' | 'password' | 'secret-file' | 'stale';

/** The only program that may raise privileges; the agents' rootwrap calls it. */
const setUidAllowed = '/usr/bin/sudo';

/** Directories that everyone may write to by convention. */
const worldWritableAllowed = '/tmp|/var/tmp|/run/lock';

/** Files of Debian that speak of passwords without holding one. */
const passwordFalseAlarms = [
  'adduser.conf',
  'debconf.conf',
  'login.defs',
  'namespace.init',
  'nova_api_audit_map.conf',
  'nsswitch.conf',
  'openssl.cnf',
];

/**
 * What Python would do again whenever it starts: modules whose compiled file is not of their source, by the header that
 * PEP 552 defines, or missing though they can be compiled; and entry points other than stevedore is told.
 */
const moduleScript = `
import json, os, sys
from importlib.util import MAGIC_NUMBER, cache_from_source

def compiles(path):
    try:
        with open(path, "rb") as source:
            return compile(source.read(), path, "exec", dont_inherit=True) is not None
    except (SyntaxError, ValueError):
        return False

def compiled(path):
    try:
        with open(cache_from_source(path), "rb") as file:
            header = file.read(16)
    except FileNotFoundError:
        return not compiles(path)
    made, stat = [int.from_bytes(header[n : n + 4], "little") for n in (4, 8, 12)], os.stat(path)
    return header[:4] == MAGIC_NUMBER and made == [0, int(stat.st_mtime), stat.st_size]

for top in sys.path[1:]:
    for folder, _, names in os.walk(top):
        for path in [os.path.join(folder, name) for name in names if name.endswith(".py")]:
            if not compiled(path):
                print(path)
told = "/usr/share/gantry/entry-points.json"
if os.path.exists(told):
    from stevedore import _cache
    with open(told) as file:
        if json.load(file) != json.loads(json.dumps(_cache._build_cacheable_data())):
            print(told)
`;

/** The head of a key in PEM and what follows it, on a line of its own or within a text: programs that write keys have it as well. */
const privateKey = '-----BEGIN [A-Z ]*PRIVATE KEY-----(\\\\n|\\\\r|[[:space:]])*([A-Za-z0-9+/]{16}|$)';

/**
 * A script for the image's own shell, run as root with DAC_READ_SEARCH alone. Prints `kind<TAB>detail` per finding.
 */
export const auditScript = `
report() { sed "s#^#$1\\t#"; }
find / -xdev -type f -perm /6000 ! -path ${setUidAllowed} | report set-uid
find / -xdev ! -type l -perm -0002 2> /dev/null |
  grep -vE '^(/proc|/sys|/dev)(/|$)' | grep -vxE '${worldWritableAllowed}' | report world-writable
grep -rlsE -- '${privateKey}' /etc /home /root /srv /opt /var /usr/local | report private-key
awk -F: '$2 !~ /^[*!]*$/ { print "/etc/shadow: " $1 }' /etc/shadow | report password
awk -F: '$2 !~ /^[x*!]*$/ { print "/etc/passwd: " $1 }' /etc/passwd | report password
grep -rIlsiE '^[^#;]*(password|passwd|secret|token)[a-z_]*[[:space:]]*=[[:space:]]*[^[:space:]#<]' /etc \\
  ${passwordFalseAlarms.map((name) => `--exclude=${name}`).join(' ')} | report password
grep -rIlsE '^[^#;]*://[^/:@ ]+:[^/@ ]+@' /etc | report password
find / -xdev -type f \\( -name .erlang.cookie -o -name 'ssh_host_*_key' -o -name 'ssl-cert-snakeoil.key' \\
  -o -name id_rsa -o -name id_ed25519 -o -name id_ecdsa \\) | report secret-file
if command -v python3 > /dev/null; then python3 -W ignore -c '${moduleScript}' | report stale; fi
`;

/** Reads what the script printed. */
export function parseFindings(output: string): Finding[] {
  return output
    .split(/\r?\n/)
    .filter((line) => line.includes('\t'))
    .map((line) => {
      const [kind = '', detail = ''] = line.split('\t');
      return { kind: kind as FindingKind, detail };
    });
}

/** Variables that look as if they held a secret. */
export function secretVariables(environment: string[]): string[] {
  return environment
    .map((variable) => variable.split('=')[0] ?? '')
    .filter((name) => /PASS(WORD|WD)?$|SECRET|(^|_)TOKEN$|PRIVATE_KEY/i.test(name));
}
