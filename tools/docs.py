"""The documentation site: `python tools/docs.py` builds it into _docs and checks it.

nbdev stages the notebooks in _proc (hidden cells gone, signatures and parameter tables added). A copy of them, under the names that their
pages get (00_config -> config), is rendered by Quarto where it is installed and by smalldocs otherwise. Then every link, picture and
sidebar entry inside the site is followed."""
import os, re, shutil, subprocess, sys, tempfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
from nbdev.config import get_config, nbpath2html
from nbdev.doclinks import nbglob
from nbdev.quarto import refresh_quarto_yml
from nbdev.serve import proc_nbs

root = Path(__file__).resolve().parent.parent
site = root/'_docs'
_to_symbol = re.compile(r'`\]\(/([\w/-]+\.html)(#[\w.]+)\)')  # as nbdev links a name in backticks
_to_notebook = re.compile(r'(\]\(|href=\\"|^ +- )([\w./-]+\.ipynb)\b', re.M)  # links in the notebooks' JSON, entries of the sidebar

def stage(dest:Path)->None:
    "Fill `dest` with what is to be rendered: processed notebooks under their pages' names, pictures and settings"
    refresh_quarto_yml()
    cache = proc_nbs()
    # not the staged one: nbs/_quarto.yml is a link, which a checkout without links has as a file that holds a path
    shutil.copytree(cache, dest, ignore=shutil.ignore_patterns('_docs', '_quarto.yml'))
    shutil.copy(root/'_quarto.yml', dest)
    pages = {nbpath2html(p.relative_to(dest)).as_posix(): p for p in dest.rglob('*.ipynb')}
    texts = {p: p.read_text(encoding='utf-8') for p in [*pages.values(), dest/'sidebar.yml']}
    shown = {f'{page}#{name.lower()}' for page,p in pages.items() for name in re.findall(r'"#+ ([\w.]+)\\n', texts[p])}
    for p,text in texts.items():
        text = _to_notebook.sub(lambda m: m[1] + nbpath2html(m[2]).with_suffix('.ipynb').as_posix(), text)
        text = _to_symbol.sub(lambda m: m[0] if m[1]+m[2] in shown else f'`](/{m[1]})', text)  # methods, helpers: no heading to go to
        text = re.sub(r'output-file: [\w-]+\.html\\n', '', text)  # the name says it now
        if not get_config().git_url: text = re.sub(r'\[source\]\(/blob/[^)]*\)\{[^}]*\}(\\n)*', '', text)  # no address to link to
        p.write_text(text, encoding='utf-8')
        if p.suffix == '.ipynb': p.rename(nbpath2html(p).with_suffix('.ipynb'))
    settings = (dest/'nbdev.yml').read_text(encoding='utf-8').split('\nformat-links:')[0]  # we render no second format to link to
    (dest/'nbdev.yml').write_text(settings, encoding='utf-8')

def render(src:Path)->bool:
    "Whether the staged project `src` became a site, in its folder _docs, without a complaint"
    if shutil.which('quarto'): cmd = ['quarto', 'render', str(src), '--no-execute']
    else: cmd = [sys.executable, '-m', 'smalldocs.cli', 'render', '--strict', str(src)]
    return subprocess.run(cmd).returncode == 0

class Page(HTMLParser):
    "What a page of the site refers to, and the places in it that can be referred to"
    def __init__(self, path:Path)->None:
        super().__init__()
        self.refs, self.ids = list[str](), set[str]()
        self.feed(path.read_text(encoding='utf-8'))

    def handle_starttag(self, tag:str, attrs:list[tuple[str,str|None]])->None:
        for name,value in attrs:
            if value and name in ('href', 'src', 'poster'): self.refs.append(value)
            if value and name in ('id', 'name'): self.ids.add(value)

def broken(site:Path)->list[str]:
    "References inside `site` that lead nowhere: missing pages, pictures and anchors, and where they stand"
    pages = {p: Page(p) for p in sorted(site.rglob('*.html'))}
    found:dict[str,list[str]] = {}
    for path,page in pages.items():
        for ref in dict.fromkeys(page.refs):
            url = urlsplit(ref)
            if url.scheme or url.netloc: continue
            base = site if url.path.startswith('/') else path.parent
            target = (base/unquote(url.path).lstrip('/')).resolve() if url.path else path
            if target.is_dir(): target /= 'index.html'
            anchor = unquote(url.fragment)
            if not target.exists() or (anchor and target in pages and anchor not in pages[target].ids):
                found.setdefault(ref, []).append(path.relative_to(site).as_posix())
    return [f'{ref} leads nowhere, in {", ".join(where)}' for ref,where in found.items()]

def unlisted()->list[str]:
    "Notebooks that the sidebar does not list, and entries of the sidebar without a notebook"
    nbs = root/'nbs'
    listed = set(re.findall(r'[\w/-]+\.ipynb', (nbs/'sidebar.yml').read_text(encoding='utf-8')))
    there = {p.relative_to(nbs).as_posix() for p in nbglob(nbs, as_path=True)}
    return [f'nbs/sidebar.yml does not list {p}' for p in sorted(there-listed)] + \
           [f'nbs/sidebar.yml lists {p}, which does not exist' for p in sorted(listed-there)]

def main()->None:
    os.chdir(root)
    with tempfile.TemporaryDirectory() as tmp:
        src = Path(tmp)/'lsvit'
        stage(src)
        problems = unlisted()
        if not render(src): problems.append('the renderer complained, see above')
        shutil.rmtree(site, ignore_errors=True)
        shutil.move(src/'_docs', site)
    problems += broken(site)
    print(*problems, f'{len(list(site.rglob("*.html")))} pages in {site.relative_to(root)}, {len(problems)} problems', sep='\n')
    sys.exit(bool(problems))

if __name__ == '__main__': main()
