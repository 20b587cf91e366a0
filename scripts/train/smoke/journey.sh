#!/bin/sh
# A journey to a lent machine and back, all of it here: packs a run, goes on with the passes for a GPU
# where nothing is installed that reads text, and goes on with what came back.
# Argument: the folder of `run.sh`, where the translator has made 700 steps.
set -eu
work=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
train=$(dirname "$here")
lent=$work/lent

python "$train" translator.travel pack --config "$here/gpu.toml" --work "$work" --run "$work/run" --parts "$work/outward" --mib 0.1

mkdir -p "$lent/bare"
for name in opencc sentencepiece sacrebleu safetensors transformers; do
    echo "raise ImportError('\`$name\` is not there')" >"$lent/bare/$name.py"
done
# In the folder of the scripts, as it may be there.
there() { (cd "$train" && PYTHONPATH=$lent/bare python . "$@"); }

mkdir -p "$lent/parts"
cp "$work/outward/manifest.json" "$work/outward/part-00.bin" "$lent/parts"
if there translator.travel unpack --parts "$lent/parts" --work "$lent/work" --run "$lent/run"; then
    echo "error: parts are missing, and nobody said so" >&2
    exit 1
fi
cp "$work"/outward/*.bin "$lent/parts"
there translator.travel unpack --parts "$lent/parts" --work "$lent/work" --run "$lent/run"
there translator.train --config "$here/gpu.toml" --work "$lent/work" --run "$lent/run" --passes gpu --minutes 0.3 --decay 0.1
there translator.travel collect --config "$here/gpu.toml" --work "$lent/work" --run "$lent/run" --parts "$work/homeward" --mib 0.1

python "$train" translator.travel restore --parts "$work/homeward" --run "$work/later"
python "$train" smoke.journey "$work"
python "$train" translator.train --config "$here/config.toml" --work "$work" --run "$work/later" --development "$work/development" \
    --decay 5 --processes 2 --steps "$(python "$train" smoke.journey "$work" --steps-after 20)"
