#!/bin/sh
# Runs every step on a few hundred phrases and fails unless the model has learnt them.
# Argument: an empty folder to work in.
set -eu
work=$1
here=$(cd "$(dirname "$0")" && pwd)
train=$(dirname "$here")
shared="--config $here/config.toml --work $work"

python "$train" smoke.write_pairs "$work"
python "$train" pairs.prepare $shared --pairs "$work/pairs" --exclude "$work/development.zh"
python "$train" corpus.vocabulary $shared
python "$train" corpus.encode $shared
python "$train" embeddings.train $shared
python "$train" lexicon.train $shared
python "$train" measure.alignment "$work/vocabulary" --table "$work/embeddings/embeddings.pt" --gold "$work/gold" --at-least 0.9
python "$train" aligner.documents --pairs "$work/clean" --output "$work/documents" --documents 20
python "$train" measure.alignment "$work/vocabulary" --table "$work/embeddings/embeddings.pt" --gold "$work/documents"
translator="translator.train $shared --run $work/run --development $work/development --decay 100 --processes 2"
python "$train" $translator --steps 300 --passes torch
python "$train" bundle.export $shared --checkpoint "$work/run/final.pt" --output "$work/first-bundle"
python "$train" translator.score $shared --bundle "$work/first-bundle"
python "$train" $translator --steps 700
python "$train" bundle.export $shared --checkpoint "$work/run/final.pt" --output "$work/bundle"
python "$train" tagger.train $shared --run "$work/tagger" --bundle "$work/bundle" --steps 300 --decay 100 --at-least 0.85
cp "$work/tagger/tagger.safetensors" "$work/bundle"
python "$train" bundle.parity "$work/bundle" --lines "$work/development" --count 20
python "$train" smoke.drills
python "$train" smoke.runs
python "$train" smoke.losses
python "$train" smoke.gradients
python "$train" smoke.device_passes
"$here/journey.sh" "$work"
python "$train" measure.evaluate "$work/bundle" --flores "$work/development" --at-least 40
