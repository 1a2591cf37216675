#!/bin/sh
# A simulation study on a Slurm cluster, in parts that are merged to the bytes that one machine
# would have written. The paper's study, 300 repetitions in 100 tasks, into the folder study:
#   sh slurm-study.sh gaussian 300 100 study
set -eu
export DESIGN="$1" REPETITIONS="$2" PARTS="$3" RUN="$4" DFMR="${DFMR:-npx dfmr}"
mkdir -p "$RUN/parts" "$RUN/log"

# A task whose node is lost is started again elsewhere, and continues from a copy of what it had,
# since the first one may still be writing.
parts=$(sbatch --parsable --job-name=part --array="0-$((PARTS - 1))" --cpus-per-task=1 \
  --mem=1G --requeue --open-mode=append --output="$RUN/log/part-%a.out" <<'TASK'
#!/bin/sh
restart=${SLURM_RESTART_COUNT:-0}
part="$RUN/parts/$SLURM_ARRAY_TASK_ID-$restart.jsonl"
before="$RUN/parts/$SLURM_ARRAY_TASK_ID-$((restart - 1)).jsonl"
if [ ! -e "$part" ] && [ -e "$before" ]; then cp "$before" "$part"; fi
$DFMR study "$DESIGN" --repetitions "$REPETITIONS" --part "$SLURM_ARRAY_TASK_ID/$PARTS" \
  --workers 1 --out "$part"
TASK
)

# What is in two parts counts once; what is missing is named, and the exit code is 2.
sbatch --parsable --dependency="afterany:$parts" --job-name=merge --mem=1G \
  --output="$RUN/log/merge.out" <<'TASK'
#!/bin/sh
$DFMR study "$DESIGN" --repetitions "$REPETITIONS" --merge "$RUN"/parts/*.jsonl \
  --out "$RUN/study.jsonl" --summary "$RUN/study.csv" --force
TASK
