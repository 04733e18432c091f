"""The widgets in a real browser: `python tools/widgets_in_browser.py PICTURES` opens JupyterLab in a headless Chromium.

It needs JupyterLab, playwright and a Chromium on the PATH. A notebook in a temporary folder writes a small data set, trains a tiny model and
shows all four widgets; they are used as a person uses them, with the mouse, and what has to follow is waited for. Screenshots come into the
folder PICTURES. What was saved must hold a picture of each widget
that had one when it was displayed. The exit code says whether all of it happened."""
import json, os, shutil, socket, subprocess, sys, tempfile, time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen
from playwright.sync_api import Page, expect, sync_playwright

root = Path(__file__).resolve().parent.parent
cells = ['''
from lsvit.all import *
import torch
data = write_actions('actions', n_train=8, n_test=2, classes=('kick','sit','stand','walk_left','walk_right'), size=96, quiet=True)
cfg = TrainingConfig(num_frames=8, batch_size=6, epochs=4, num_workers=0, device='cpu', lr=2e-3, flip_pairs='walk_left=walk_right', val_ratio=0.4)
dls = VideoDataLoaders.from_folder(data/'train', cfg, size=64, device=torch.device('cpu'))
''', 'VideoBrowser(dls)', '''
small = ModelConfig(image_size=64, patch_size=8, embed_dim=48, depth=2, num_heads=2, motion='causal')
learn = lsvit_learner(dls, small, cfg, cbs=[TrainingMonitor(every=0.5)])
best = fit(learn, cfg)
''', 'PredictionExplorer(learn)', '''
video = next((data/'test'/'sit').iterdir())
LiveView(StreamPredictor.from_checkpoint(best, device='cpu'), video)
''', "import os; os.path.exists('wrong_labels.csv') and print(open('wrong_labels.csv').read())"]

def notebook(path:Path)->None:
    "Write the notebook"
    code:list[dict[str,Any]] = [dict(cell_type='code', id=f'cell{i}', metadata={}, source=s.strip(), outputs=[], execution_count=None) for i,s in enumerate(cells)]
    kernel = dict(name='python3', display_name='python3', language='python')
    path.write_text(json.dumps(dict(cells=code, metadata=dict(kernelspec=kernel), nbformat=4, nbformat_minor=5)), encoding='utf-8')

@contextmanager
def lab(folder:Path)->Iterator[str]:
    "JupyterLab on a folder: its address"
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        port = s.getsockname()[1]
    options = [f'--port={port}', '--no-browser', '--allow-root', '--expose-app-in-browser', f'--ServerApp.root_dir={folder}',
               '--IdentityProvider.token=', '--ServerApp.password=', '--LabApp.news_url=None', '--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate']
    log = open(folder/'lab.log', 'w')
    server = subprocess.Popen([sys.executable, '-m', 'jupyterlab', *options], cwd=folder, stdout=log, stderr=log, env=env(folder))
    try:
        address = f'http://127.0.0.1:{port}'
        for _ in range(240):
            try: urlopen(f'{address}/api', timeout=2).close(); break
            except (URLError, OSError): time.sleep(0.5)
        else: raise RuntimeError(f'JupyterLab did not start: {(folder/"lab.log").read_text()[-2000:]}')
        yield address
    finally:
        server.terminate()
        server.wait(30)
        log.close()

def env(folder:Path)->dict[str,str]:
    "The environment of the server: this checkout, and settings of its own"
    return os.environ|{'PYTHONPATH':str(root), 'JUPYTER_CONFIG_DIR':str(folder/'config'), 'JUPYTERLAB_SETTINGS_DIR':str(folder/'settings'),
                       'JUPYTERLAB_WORKSPACES_DIR':str(folder/'workspaces')}

def command(page:Page, name:str)->None:
    "Begin a command of JupyterLab"
    page.evaluate('name => { window.jupyterapp.commands.execute(name) }', name)

def opened(page:Page, address:str)->None:
    "Open the notebook alone, without the side bar"
    page.goto(f'{address}/doc/tree/widgets.ipynb')
    page.wait_for_selector('.jp-Notebook .jp-Cell', timeout=90_000)
    page.get_by_text('| Idle').wait_for()
    page.wait_for_timeout(3000)  # what is run before the kernel listens never runs

def cell(page:Page, i:int)->Any:
    "The output of a cell, scrolled to"
    out = page.locator('.jp-Notebook .jp-CodeCell').nth(i)
    out.scroll_into_view_if_needed()
    return out

def run(page:Page, i:int, what:str)->Any:
    "Run the cell `i`, which is the active one, and wait for `what` in its output"
    out = cell(page, i)
    out.locator('.jp-InputArea-editor').click()
    page.keyboard.press('Shift+Enter')
    wrong = '[data-mime-type="application/vnd.jupyter.error"]'
    out.locator(f'{what}, {wrong}').first.wait_for(timeout=90_000)
    expect(out.locator(wrong)).to_have_count(0)
    return out

def idle(page:Page)->None: page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', state='attached', timeout=90_000)

@contextmanager
def changes(page:Page, image:Any)->Iterator[None]:
    "What is done inside must lead to another image"
    handle = image.element_handle()
    before = handle.get_attribute('src')
    yield
    page.wait_for_function('([i,s]) => i.src != s && i.naturalWidth > 0', arg=[handle, before], timeout=30_000)

def used(page:Page, pictures:Path)->None:
    "All four widgets, used with the mouse"
    def shot(out:Any, name:str)->None:
        out.scroll_into_view_if_needed()
        page.wait_for_timeout(400)
        out.screenshot(path=pictures/f'{name}.png')
    run(page, 0, '.jp-InputPrompt:has-text("[1]:")')
    out = run(page, 1, 'img')
    entries = out.locator('select[size] option')
    all_clips = entries.count()
    out.locator('.widget-dropdown select').first.select_option(index=4)
    page.wait_for_function('([s,n]) => s.options.length < n', arg=[out.locator('select[size]').element_handle(), all_clips])
    shot(out, '1_browser')
    with changes(page, out.locator('img').first): out.locator('.jupyter-button:has(.fa-play)').first.click()
    with changes(page, out.locator('img').first): pass
    shot(out, '2_browser_plays')
    with changes(page, out.locator('img').last):
        out.locator('input[type=number]').first.fill('3')
        out.locator('input[type=number]').first.press('Enter')
    out.locator('.jupyter-button:has(.fa-pause)').first.click()
    out = run(page, 2, 'img')
    with changes(page, out.locator('img').first): pass
    shot(out, '3_training')
    page.wait_for_function('t => t.textContent.includes("epoch 4 done")', arg=out.locator('.widget-html').first.element_handle(), timeout=90_000)
    shot(out, '4_trained')
    out = run(page, 3, 'img')
    shot(out, '5_explorer')
    out.locator('.widget-dropdown select').nth(1).select_option(index=1)
    out.locator('select[size] option').nth(1).click()
    page.wait_for_timeout(500)
    with changes(page, out.locator('img').last): out.locator('.widget-dropdown select').nth(2).select_option('differences')
    out.get_by_role('button', name='the label is wrong').click()
    out.get_by_role('button', name='save the list').click()
    expect(out.locator('.widget-html').last).to_contain_text('1 written')
    shot(out, '6_explorer_marked')
    out = run(page, 4, 'button')
    out.get_by_role('button', name='start').click()
    out.get_by_role('button', name='stop').wait_for()
    out.locator('img').first.wait_for()
    shot(out, '7_live')
    out.get_by_role('button', name='start').wait_for(timeout=60_000)
    shot(out, '8_live_ended')
    run(page, 5, '.jp-OutputArea-output')
    expect(cell(page, 5)).to_contain_text('video,label,should_be')
    idle(page)

def check_saved(path:Path)->None:
    "Whether each widget was saved with a picture, for those who show it without a kernel"
    for i,c in enumerate(json.loads(path.read_text(encoding='utf-8'))['cells'][1:4], 1):
        kinds = [set(o.get('data', {})) for o in c['outputs']]
        if not any({'image/jpeg','application/vnd.jupyter.widget-view+json'}<=k for k in kinds):
            raise ValueError(f'cell {i} was saved without a picture: {kinds}')

def main()->None:
    pictures = Path(sys.argv[1] if len(sys.argv)>1 else 'pictures')
    pictures.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
    if not chromium: sys.exit('no chromium on the PATH: apt-get install chromium')
    with tempfile.TemporaryDirectory() as tmp, sync_playwright() as p:
        notebook(Path(tmp)/'widgets.ipynb')
        with lab(Path(tmp)) as address:
            browser = p.chromium.launch(executable_path=chromium, args=['--no-sandbox'])
            page = browser.new_page(viewport=dict(width=1280, height=1300))
            try:
                opened(page, address)
                page.get_by_role('button', name='No', exact=True).click()  # no news
                used(page, pictures)
                command(page, 'docmanager:save')
                page.wait_for_timeout(3000)
            except Exception:
                page.screenshot(path=pictures/'failed.png')
                raise
            finally: browser.close()
        check_saved(Path(tmp)/'widgets.ipynb')
    print(f'the widgets work; look at the pictures in {pictures}')

if __name__ == '__main__': main()
