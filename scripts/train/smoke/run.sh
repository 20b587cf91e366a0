#!/bin/sh
# Runs every step on a few hundred phrases and fails unless the model has learnt them. The steps in Rust are left out.
# Argument: an empty folder to work in.
set -eu
work=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
train=$(dirname "$here")

python "$train" smoke.write_pairs "$work"
all() {
    python "$train" all --config "$here/config.toml" --work "$work" --pairs "$work/pairs" \
        --development "$work/development" --gold "$work/gold" "$@"
}
all --without coverage aligner add-aligner
if all --to evaluate --without parity converted | grep -v "nothing to do"; then
    echo "error: steps were run although nothing has changed" >&2
    exit 1
fi
for tests in cleaning drills tagger runs losses gradients growth device_passes; do
    python "$train" "smoke.$tests"
done
"$here/journey.sh" "$work"
