"""Train a model, ask it about clips that it was not trained on, and keep its answers in one CSV file for all tables.

    python tools/answers.py --name ucf101 --data_root ucf101 --split_dir splits …
    python tools/answers.py --name ut_interaction --data_root ut_interaction --fold_pattern 'set1_\\d+_(\\d+)_' …

The first trains on the official training side and asks about the official test side. The second leaves the clips out that share
what the pattern finds in their names, trains on the others, asks about those left out, and goes on until all have been.
All flags of lsvit_train go on to each training. What is asked is the last epoch's model: nothing is chosen by looking at the
clips left out. Folds whose answers are in the file already are not asked again, if `settings.json` in their run folders, below
`--checkpoint_dir`, says that the settings were the same. `--output` has the columns data, motion, seed, fold, clip, true, said.
"""
import csv,io,json,re,sys
from dataclasses import replace
from pathlib import Path
from lsvit.data.labelled import LabelledVideos
from lsvit.files import write_atomic
from lsvit.train.start import refuse_known,settings_of_start
from lsvit.train.recipe import train_run
from lsvit.config import ModelConfig,TrainingConfig
from lsvit.cli.console import command
from lsvit.evaluate.metrics import wilson_interval
from lsvit.predict.folder import video_ids

COLUMNS = ['data','motion','seed','fold','clip','true','said']
# Settings that say where a run is, or that its data decides: they do not make it another one
ELSEWHERE = ('resume','checkpoint_dir','data_root','split_dir','weights_dir','device','num_workers','tensorboard','wandb',
             'num_classes')
Clip = tuple[Path,str,str]  # Its path, its name in the file of answers, its class


def arm_of(model:ModelConfig)->str:
    "What the column `motion` says of a model"
    return model.motion + (f', frame_merge {model.frame_merge}' if model.frame_merge else '')

def folds_of(cfg:TrainingConfig, pattern:str)->dict[str,list[Clip]]:
    "The clips that each fold leaves out; of an empty name those that none does"
    data = LabelledVideos.from_settings(cfg)
    names = [i.removeprefix(f'{l}/') for i,l in zip(video_ids(data.videos, data.root), data.labels)]
    kept = set(data.readable(cfg).videos) if cfg.skip_unreadable else set(data.videos)
    if pattern: of = [''.join(m.groups('')) if (m:=re.search(pattern, v.name)) else '' for v in data.videos]
    else: of = [f'official {cfg.split}' if g=='test' else '' for g in data.given]
    if pattern and '' in of:
        raise ValueError(f'{data.videos[of.index("")].name}: {pattern!r} with a group in it finds nothing in this name')
    folds:dict[str,list[Clip]] = {fold:[] for fold in sorted(set(of))}
    for v,n,l,fold in zip(data.videos, names, data.labels, of):
        if v in kept: folds[fold].append((v, n, l))
    return folds

def asked(model:ModelConfig, cfg:TrainingConfig, folds:dict[str,list[Clip]], fold:str, pattern:str)->list[list[str]]:
    "Fold, clip, true and predicted class of each clip of a fold, by a model that was not trained on them"
    cfg = cfg.replaced('answers', checkpoint_dir=str(Path(cfg.checkpoint_dir)/fold))
    name,data = {v:n for v,n,_ in folds[fold]},LabelledVideos.from_settings(cfg)
    if pattern: data = replace(data, given=['test' if v in name else 'train' for v in data.videos])
    run = train_run(model, cfg, data=data)
    return [[fold, name[v], t, s] for v,t,s in zip(run.videos, run.true, run.said)] if run else []


def another(folder:Path, *now:ModelConfig|TrainingConfig)->str:
    "In which setting the run in a folder was not what is asked for `now`; empty: in none"
    if not (path:=folder/'settings.json').exists(): return f'but {path}, which says how they were made, is not there'
    then = json.loads(path.read_text(encoding='utf-8'))
    was = then['model']|then['training']
    for c in now:
        for n,v in c.asdict().items():
            known = then['sources'].get(n, '').startswith(('the backbone','auto, with')) and not c.given(n)
            if n not in ELSEWHERE and not known and was.get(n, v)!=v: return f'with {n}={was[n]!r}, and now it is {v!r}'
    return ''

def done_already(out:Path, key:list[str], folds:dict[str,list[Clip]], alone:bool, folder:Path,
                 *now:ModelConfig|TrainingConfig)->set[str]:
    "The folds whose answers are in the file; lines of those that were not finished are removed, and so is half a line"
    text = out.read_text(encoding='utf-8') if out.exists() else ''
    rows = [(l, r) for l in io.StringIO(text) if l.endswith('\n') and len(r:=next(csv.reader([l])))==len(COLUMNS)]
    done,half = set[str](),set[str]()
    for fold in sorted({r[3] for _,r in rows if r[:3]==key and (alone or r[3] in folds)}):  # official lists stand side by side
        here = sorted((r[4], r[5]) for _,r in rows if r[:4]==[*key,fold])
        want = sorted((n, l) for _,n,l in folds.get(fold, []))
        why = another(folder/fold, *now) if here==want else ''
        if strange:=set(here)-set(want): why = f'about {min(strange)[0]}, which is not left out there now'
        if why: raise ValueError(f'{out} has answers of {", ".join(key)} in fold {fold} {why}: give another --output')
        (done if here==want else half).add(fold)
    kept = ''.join(l for l,r in rows if not (r[:3]==key and r[3] in half))
    if kept!=text: write_atomic(out, lambda p: p.write_text(kept, encoding='utf-8'))
    return done

def append(out:Path, rows:list[list[str]])->None:
    "More lines for the file, all at once"
    out.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    csv.writer(text, lineterminator='\n').writerows(rows if out.exists() else [COLUMNS,*rows])
    with open(out, 'a', newline='', encoding='utf-8') as f: f.write(text.getvalue())


@command(name='answers.py')
def main(
    cfg:TrainingConfig,
    model:ModelConfig,
    name:str,  # Of the data set, in the file of answers
    output:str='results/real_video.csv',  # The file of answers
    fold_pattern:str='',  # Regular expression for the part of a clip's name that is left out together
)->None:
    model,cfg = settings_of_start(model, cfg)
    pattern = fold_pattern
    if bool(pattern)==bool(cfg.split_dir): raise ValueError('give --fold_pattern or --split_dir')
    cfg = cfg.replaced('answers', report_on='last')
    out,key,folds = Path(output),[name, arm_of(model), str(cfg.seed)],folds_of(cfg, pattern)
    these = [fold for fold,clips in folds.items() if fold and clips]
    if cfg.init_from: refuse_known(cfg.init_from, LabelledVideos.from_folder(cfg.data_root), [v for f in these for v,_,_ in folds[f]])
    done = done_already(out, key, {fold:folds[fold] for fold in these}, bool(pattern), Path(cfg.checkpoint_dir), model, cfg)
    for fold in these:
        if fold not in done and (rows:=asked(model, cfg, folds, fold, pattern)): append(out, [key+r for r in rows])
    with open(out, newline='', encoding='utf-8') as f: rows = [r for r in csv.reader(f) if r[:3]==key and r[3] in these]
    right = sum(r[5]==r[6] for r in rows)
    lo,hi = wilson_interval(right, len(rows))
    print(f'{right} of {len(rows)} clips right: {right/len(rows):.3f} (95 % interval {lo:.3f} to {hi:.3f})')

if __name__=='__main__': sys.exit(main())
