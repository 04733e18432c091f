"""The version, as lsvit/__init__.py has it: `python tools/version.py` prints it.

`--tag v1.2.3` fails unless the tag, lsvit/__init__.py and a dated section of CHANGELOG.md agree: run before a release is built."""
import argparse, re, sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent

def version()->str:
    "The version of the package"
    m = re.search(r'^__version__ = "(.+)"', (root/'lsvit/__init__.py').read_text(encoding='utf-8'), re.M)
    if not m: raise ValueError('lsvit/__init__.py has no line __version__ = "…"')
    return m[1]

def problems(tag:str)->list[str]:
    "What keeps `tag` from being released"
    v, log = version(), (root/'CHANGELOG.md').read_text(encoding='utf-8')
    found = []
    if tag != f'v{v}': found.append(f'the tag is {tag}, lsvit/__init__.py says {v}: tag v{v}, or change __version__')
    if not re.search(rf'^## \[{re.escape(v)}\] - \d{{4}}-\d\d-\d\d$', log, re.M):
        found.append(f'CHANGELOG.md has no section `## [{v}] - YYYY-MM-DD`: give Unreleased its version and date')
    return found

def main()->None:
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--tag', help='fail unless this tag may be released')
    args = parser.parse_args()
    if args.tag is None: print(version())
    elif found := problems(args.tag): sys.exit('\n'.join(found))

if __name__ == '__main__': main()
