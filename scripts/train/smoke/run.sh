#!/bin/sh
# Runs every step on a few hundred phrases and fails unless the model has learnt them.
# Argument: an empty folder to work in.
set -eu
work=$1
here=$(cd "$(dirname "$0")" && pwd)
steps=$here/..
shared="--config $here/config.toml --work $work"

python "$here/write_pairs.py" "$work"
python "$steps/prepare.py" $shared --pairs "$work/pairs" --exclude "$work/development.zh"
python "$steps/vocabulary.py" $shared
python "$steps/encode.py" $shared
python "$steps/embeddings.py" $shared
python "$steps/lexicon.py" $shared
python "$steps/alignment.py" "$work/vocabulary" --table "$work/embeddings/embeddings.pt" --gold "$work/gold" --at-least 0.9
python "$steps/documents.py" --pairs "$work/clean" --output "$work/documents" --documents 20
python "$steps/alignment.py" "$work/vocabulary" --table "$work/embeddings/embeddings.pt" --gold "$work/documents"
train="$steps/translator.py $shared --run $work/run --development $work/development --decay 100 --processes 2"
python $train --steps 300 --passes torch
python "$steps/export.py" $shared --checkpoint "$work/run/final.pt" --output "$work/first-bundle"
python "$steps/score.py" $shared --bundle "$work/first-bundle"
python $train --steps 700
python "$steps/export.py" $shared --checkpoint "$work/run/final.pt" --output "$work/bundle"
python "$steps/tagger.py" $shared --run "$work/tagger" --bundle "$work/bundle" --steps 300 --decay 100 --at-least 0.85
cp "$work/tagger/tagger.safetensors" "$work/bundle"
python "$steps/parity.py" "$work/bundle" --lines "$work/development" --count 20
python "$here/drills.py"
python "$here/gradients.py"
python "$here/device_passes.py"
"$here/journey.sh" "$work"
python "$steps/evaluate.py" "$work/bundle" --flores "$work/development" --at-least 40
