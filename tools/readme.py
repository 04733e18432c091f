"""README.md from nbs/index.ipynb: `python tools/readme.py` writes it, `--check` says whether it is fresh.

The README holds what the documentation page shows: the title, the text, the cells that are not hidden, and their outputs. Pictures
among the outputs become files in README_files/; links, which are relative to nbs/ in the notebook, become relative to the README."""
import argparse, posixpath, re, sys
from pathlib import Path
import nbformat
from fastcore.nbio import mk_cell, nb2str
from nbconvert import MarkdownExporter
from nbdev.frontmatter import FrontmatterProc
from nbdev.process import NBProcessor
from nbdev.processors import filter_stream_, hide_, hide_line, rm_export, rm_header_dash, strip_ansi

root = Path(__file__).resolve().parent.parent
pictures = 'README_files'
_link = re.compile(r'(\]\(|\b(?:src|href)=")(?![a-z]+:|[#/])([^)"\s]+)')
_quarto = re.compile(r'^:::|\{\{<|\]\([^)]*\)\{', re.M)
_fence = re.compile(r'^(```.*?^```[^\n]*$)', re.M|re.S)

def _prose(text:str)->str:
    "Markdown with its links seen from the repository's root; fenced code stays as it is"
    parts = _fence.split(text)
    for i in range(0, len(parts), 2):
        if m := _quarto.search(parts[i]): sys.exit(f'nbs/index.ipynb: {m[0]!r} means something to Quarto alone; the README needs plain Markdown')
        parts[i] = _link.sub(lambda m: m[1] + posixpath.normpath(posixpath.join('nbs', m[2])), parts[i])
    return ''.join(parts)

def readme()->dict[str,bytes]:
    "The README and its pictures: path in the repository -> content"
    procs = [FrontmatterProc, strip_ansi, hide_line, filter_stream_, rm_header_dash, rm_export, hide_]
    nb = NBProcessor(root/'nbs/index.ipynb', procs=procs, process=True).nb
    front = nb.frontmatter_
    cells = [mk_cell(f"# {front['title']}\n\n{front.get('description', '')}".rstrip(), 'markdown')]
    for cell in nb.cells[1:]:  # the first is the front matter
        if cell.cell_type == 'markdown': cell.source = _prose(cell.source)
        elif cell.cell_type == 'code':
            options = cell.directives_
            if options.get('include') == 'false': continue
            if options.get('output') == 'false': cell.outputs = []
            if options.get('echo') == 'false': cell.metadata['transient'] = {'remove_source': True}
        cells.append(cell)
    nb.cells, nb.metadata['language_info'] = cells, {'name': 'python'}
    text, resources = MarkdownExporter().from_notebook_node(nbformat.reads(nb2str(nb), as_version=4), {'output_files_dir': pictures})
    text = re.sub(r'\n\s*\n(\s*\n)+', '\n\n', text).strip() + '\n'
    return {'README.md': text.encode()} | resources['outputs']

def main()->None:
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--check', action='store_true', help='write nothing; fail when the README is not what the notebook gives')
    check = parser.parse_args().check
    want = readme()
    have = {p.relative_to(root).as_posix(): p.read_bytes() for p in [root/'README.md', *(root/pictures).glob('*')] if p.exists()}
    stale = sorted(name for name in want.keys() | have.keys() if want.get(name) != have.get(name))
    if check: sys.exit(f'{", ".join(stale)}: not what nbs/index.ipynb gives; run `python tools/readme.py`' if stale else 0)
    for name in stale:
        if name not in want: (root/name).unlink(); continue
        (root/name).parent.mkdir(exist_ok=True)
        (root/name).write_bytes(want[name])

if __name__ == '__main__': main()
