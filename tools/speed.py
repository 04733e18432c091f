"""Measure how long LS-ViT and other video models take for one clip, side by side, and write a CSV file of it.

    python tools/speed.py --output results/speed.csv
    python tools/speed.py --device cuda --turns 50 --models videomae_base lsvit_small --output speed_gpu.csv

One forward of one clip, with random weights and 400 classes, without gradients. The models are run in turns; the first turn warms
up, and in its turn a model runs twice and the second time counts. `ms` is the least over the turns. `ratio` is to vit_small, timm's
ViT on each frame of the same clip, in the same dtype. `matmul` is one large square product, and `share_of_peak` the share of its speed
that a model reaches. `memory_mb` is the most that a process holds for the model and its forward. bf16 is autocast, float32 is as torch
computes it by default. A processor without instructions for bf16 takes very long for it: there, say `--dtype float32`.
"""
import csv,importlib,os,shlex,statistics,sys,time,warnings
from collections.abc import Callable,Iterator,Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any,NamedTuple
from unittest.mock import patch
import timm
import torch
import torchvision.models.video as tv
from torch import Tensor,nn
from torch.utils.flop_counter import FlopCounterMode
from lsvit.config import PRESETS,ModelConfig
from lsvit.device import pick_device
from lsvit.cli.console import command
from lsvit.models.lsvit import LSViTForAction
from lsvit.device import hardware

COLUMNS = ('model','library','frames','size','dtype','ms','median_ms','ratio','gmacs','params_m','memory_mb','share_of_peak',
           'command','date','hardware','torch')
DTYPES = {'float32':torch.float32, 'bf16':torch.bfloat16}
HUGGING_FACE = {'videomae_base':'VideoMAE', 'timesformer_base':'Timesformer', 'vivit_base':'Vivit'}
OURS = {f'lsvit_{n}':n for n in PRESETS if n in ('small','base') or n.startswith('fast')}
LIBRARY = {'vit_small':'timm', 'vit_base':'timm'} | dict.fromkeys(OURS, 'lsvit') | dict.fromkeys(HUGGING_FACE, 'transformers') | \
    dict.fromkeys(('r3d_18','mvit_v2_s','swin3d_t'), 'torchvision')
FLOOR,PEAK = 'vit_small','matmul'


class Row(NamedTuple):
    "What is measured: a model, and the clip it gets"
    model:str
    frames:int
    size:int

class Peer(nn.Module):
    "A model of another library, called as ours is: clips `(B,T,C,H,W)` to logits `(B,K)`"
    def __init__(self, net:nn.Module, call:Callable[[Any,Tensor],Tensor])->None:
        super().__init__()
        self.net,self.call = net,call
    def forward(self, x:Tensor)->Tensor: return self.call(self.net, x)

def build(row:Row, classes:int=400)->nn.Module:
    "The model of a row, with random weights"
    name,T,S = row
    if name in OURS: return LSViTForAction(ModelConfig.preset(OURS[name], image_size=S, num_classes=classes)).eval()
    if name in HUGGING_FACE:  # TimeSformer's own default is 8 frames, ViViT's 32: here all see as many
        hf,kind = importlib.import_module('transformers'),HUGGING_FACE[name]
        cfg = getattr(hf, f'{kind}Config')(num_frames=T, image_size=S, num_labels=classes)
        return Peer(getattr(hf, f'{kind}ForVideoClassification')(cfg), lambda m,x: m(x).logits).eval()
    if LIBRARY[name]=='timm':
        vit = timm.create_model(f'{name}_patch16_224', img_size=S, num_classes=classes)
        return Peer(vit, lambda m,x: m(x.flatten(0,1)).unflatten(0, x.shape[:2]).mean(1)).eval()
    make = tv.mvit._mvit
    with patch.object(tv.mvit, '_mvit', lambda **kw: make(**kw|dict(spatial_size=(S,S), temporal_size=T))):  # else always 16 x 224
        net = getattr(tv, name)(num_classes=classes)
    return Peer(net, lambda m,x: m(x.transpose(1,2))).eval()  # (B,T,C,H,W) -> (B,C,T,H,W)

def clip_of(row:Row)->Tensor: return torch.randn(1, row.frames, 3, row.size, row.size)

def rows_of(models:list[str], frames:int, size:int)->list[Row]:
    "The floor, what was asked for and can be had, and for lsvit_small shorter and smaller clips"
    names = [n for n in LIBRARY if n in models or n==FLOOR]
    if absent:=[n for n in names if not find_spec(LIBRARY[n])]:
        warnings.warn(f'transformers is not installed: {", ".join(absent)} left out (pip install transformers)')
    rows = [Row(n, frames, size) for n in names if n not in absent]
    half,less = size//32*16,size*5//7//16*16  # of 224 pixels: 112 and 160, in whole patches
    if 'lsvit_small' in models:
        rows += [Row('lsvit_small', t, s) for t,s in ((frames, half), (frames//2, size), (frames//2, less), (frames//2, half))]
    return list(dict.fromkeys(r for r in rows if r.frames and r.size))

def cost(row:Row)->tuple[int,float]:
    "Parameters, and billions of multiplications, attention included, without computing anything"
    with torch.device('meta'): model,clip = build(row),clip_of(row)
    with FlopCounterMode(display=False) as count, torch.no_grad(): model(clip)
    return sum(p.numel() for p in model.parameters()),count.get_total_flops()/2e9

@contextmanager
def computing(device:torch.device, dtype:str)->Iterator[None]:
    "Without gradients, in that dtype"
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=dtype=='bf16'): yield

def race(runs:Mapping[Row,Callable[[],Any]], turns:int, device:torch.device)->dict[Row,list[float]]:
    "Milliseconds of each run in each turn"
    def wait()->None:
        if device.type!='cpu': torch.accelerator.synchronize(device)
    times:dict[Row,list[float]] = {row:[] for row in runs}
    for turn in range(turns+1):
        print(f'turn {turn} of {turns}', file=sys.stderr, flush=True)
        for row,run in runs.items():
            run()
            wait()
            if not turn: continue
            start = time.perf_counter()
            run()
            wait()
            times[row].append(1000*(time.perf_counter()-start))
    return times

def held()->float:
    "The most MB that this process has held"
    return next(int(line.split()[1]) for line in open('/proc/self/status') if line.startswith('VmHWM'))/1024

def cpu_memory(row:Row, dtype:str)->float:
    "MB for a model and its forward; to be called in a process that has done nothing else"
    with torch.device('meta'): build(row)  # imports what it needs
    before = held()
    model,clip = build(row),clip_of(row)
    with computing(torch.device('cpu'), dtype): model(clip)
    return held()-before

def gpu_memory(model:nn.Module, clip:Tensor, dtype:str)->float:
    "MB for a model that is on the GPU, and its forward"
    torch.cuda.reset_peak_memory_stats(clip.device)
    before = torch.cuda.memory_allocated(clip.device)
    with computing(clip.device, dtype): model(clip)
    own = sum(t.numel()*t.element_size() for t in (clip,*model.parameters(),*model.buffers()))
    return (torch.cuda.max_memory_allocated(clip.device)-before+own)/2**20

def memories(models:dict[Row,nn.Module], dtypes:list[str], device:torch.device)->dict[tuple[Row,str],float]:
    "MB by row and dtype, where they can be known"
    both = [(row,d) for row in models for d in dtypes]
    if device.type=='cuda': return {(r,d):gpu_memory(models[r], clip_of(r).to(device), d) for r,d in both}
    if device.type!='cpu' or sys.platform!='linux': return {}
    ctx = get_context('forkserver')  # a new process each, without the seconds of importing
    ctx.set_forkserver_preload(['lsvit.models.lsvit','torchvision.models.video',
                                *(f'transformers.models.{k.lower()}.modeling_{k.lower()}' for k in HUGGING_FACE.values())])
    # glibc then gives back what is freed, and nothing else is counted
    with patch.dict(os.environ, MALLOC_MMAP_THRESHOLD_='65536'), ProcessPoolExecutor(1, ctx, max_tasks_per_child=1) as pool:
        return {(r,d):pool.submit(cpu_memory, r, d).result() for r,d in both}


@command(name='speed.py', choices=dict(dtype=DTYPES, models=LIBRARY))
def main(
    output:str='results/speed.csv',  # The CSV file
    device:str='auto',  # cuda, mps or cpu; auto: the fastest there is
    frames:int=16,  # Of the clip
    size:int=224,  # Height and width of a frame, a multiple of 32
    dtype:list[str]=[],  # Both by default
    models:list[str]=[],  # All by default; vit_small is always run
    turns:int=4,  # That count; a GPU is fast enough for many
)->None:
    where,dtypes = pick_device(device),dtype or list(DTYPES)
    if turns<1: raise ValueError(f'--turns {turns}: at least 1 must count')
    if frames<1 or size<32 or size%32:
        raise ValueError(f'--frames {frames} --size {size}: at least one frame, and a multiple of 32 pixels')
    built = {row:build(row).to(where) for row in rows_of(models or list(LIBRARY), frames, size)}
    clips = {row:clip_of(row).to(where) for row in built}
    costs = {row:cost(row) for row in built}
    memory = memories(built, dtypes, where)
    peak = Row(PEAK, 0, 4096 if where.type=='cpu' else 8192)
    costs[peak] = (0, peak.size**3/1e9)
    threads = os.environ.get('OMP_NUM_THREADS')
    always = dict(command=(f'OMP_NUM_THREADS={threads} ' if threads else '')+shlex.join(['python','tools/speed.py',*sys.argv[1:]]),
                  date=date.today().isoformat(), hardware=hardware(where), torch=torch.__version__)
    out = Path(output)
    out.parent.mkdir(parents=True, exist_ok=True)
    table = []
    for kind in dtypes:
        a = torch.randn(peak.size, peak.size, device=where, dtype=DTYPES[kind])
        runs = {peak:partial(torch.mm, a, a)}|{row:partial(m, clips[row]) for row,m in built.items()}
        with computing(where, kind): times = race(runs, turns, where)
        ms = {row:round(min(t), 3) for row,t in times.items()}
        floor,best = ms[Row(FLOOR, frames, size)],costs[peak][1]/ms[peak]
        for row,(params,gmacs) in costs.items():
            mb,lib = memory.get((row, kind)),LIBRARY.get(row.model, 'torch')
            table.append(row._asdict()|always|dict(library=f'{lib} {version(lib)}', dtype=kind, ms=ms[row],
                median_ms=round(statistics.median(times[row]), 3), ratio=round(ms[row]/floor, 4), gmacs=round(gmacs, 4),
                params_m=round(params/1e6, 4), memory_mb='' if mb is None else round(mb),
                share_of_peak=round(gmacs/ms[row]/best, 4)))
    with open(out, 'w', newline='') as f:
        w = csv.DictWriter(f, COLUMNS, lineterminator='\n')
        w.writeheader()
        w.writerows(table)
    for r in sorted(table, key=lambda r: (r['dtype'], r['ms'])):
        print(f'{r["dtype"]:8}{r["model"]:18}{r["frames"]:3} x {r["size"]:<5}{r["ms"]:10.1f} ms {r["ratio"]:7.2f}'
              f'{r["gmacs"]:9.1f} GMACs {r["share_of_peak"]:5.0%} of peak')

if __name__=='__main__': sys.exit(main())
