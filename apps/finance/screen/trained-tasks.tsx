/** What a part can do with the loaded model: what trains its tasks that are missing, and the scores of the others on their test parts. */
import { findTask, NotTrainedTasks, percent, scoreOf, type ModelInfo } from '@fieldcraft/screen';

export function TrainedTasks({ model, tasks }: { model: ModelInfo; tasks: Readonly<Record<string, string>> }) {
  const trained = Object.entries(tasks).flatMap(([name, title]) => {
    const { task } = findTask(model, name);
    return task ? [{ title, score: scoreOf(task) }] : [];
  });
  const lines = trained.flatMap(({ title, score }) => {
    // A correlation is no share of anything.
    const value = score && (score.metric === 'pearson' ? score.value.toFixed(2) : percent(score.value));
    return score ? [`${title}: ${score.metric} ${value}`] : [];
  });
  return (
    <>
      <NotTrainedTasks model={model} tasks={tasks} />
      {trained.length > 0 && (
        <p class="quiet small">
          {lines.length > 0 ? `Measured on other texts. ${lines.join('; ')}.` : 'No score is recorded in this model.'}
        </p>
      )}
    </>
  );
}
