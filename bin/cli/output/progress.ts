/** Shows progress on standard error; live on a terminal. */
import { Listr, ListrLogger, ProcessOutput } from 'listr2'
import { type SubjectCode, subjectOf, territories } from '../../../lambdas/domain/core/place/territory.ts'
import type { WeeklyProgress } from '../../../lambdas/usecases/reports/weekly-run.ts'
import { pausedLine, reportLine } from './outputs.ts'
import { asMessage, say } from './terminal.ts'

export const showing = async <Done>(
  work: (progress: WeeklyProgress) => Promise<Done>,
  stopping: AbortSignal,
): Promise<Done> => (process.stderr.isTTY ? liveList(work, stopping) : work(plainLines(stopping)))

/** Failures after a stop are shown as interruptions. */
const interrupted = 'interrupted'

const plainLines = (stopping: AbortSignal): WeeklyProgress => ({
  started: () => undefined,
  made: (report) => say(`done    ${reportLine(report)}`),
  paused: (report) => say(`paused  ${pausedLine(report)}`),
  failed: ({ territory, period, message }) =>
    say(
      `${stopping.aborted ? 'stopped' : 'failed '} ${territory} ${period}: ${stopping.aborted ? interrupted : message}`,
    ),
})

const liveList = async <Done>(
  work: (progress: WeeklyProgress) => Promise<Done>,
  stopping: AbortSignal,
): Promise<Done> => {
  const subjects = [...territories, subjectOf('ALL')]
  const rows = new Map<SubjectCode, ReturnType<typeof waitingRow>>(subjects.map(({ code }) => [code, waitingRow()]))
  const row = (code: SubjectCode) => rows.get(code) ?? waitingRow()
  const list = new Listr(
    subjects.map(({ code, name }) => ({
      title: name.en,
      task: async (_, task) => {
        task.title = await row(code).ended
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      collectErrors: false,
      registerSignalListeners: false,
      rendererOptions: {
        showErrorMessage: true,
        collapseErrors: false,
        logger: new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) }),
      },
    },
  )
  const shown = list.run()
  try {
    return await work({
      started: () => undefined,
      made: (made) => row(made.edition.territory).end(reportLine(made)),
      paused: (paused) => row(paused.territory).end(`paused: ${pausedLine(paused)}`),
      failed: ({ territory, message }) =>
        row(territory).fail(new Error(stopping.aborted ? interrupted : asMessage(message))),
    })
  } finally {
    for (const [code, { end }] of rows) end(code)
    await shown
  }
}

const waitingRow = () => {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  return { ended: promise, end: resolve, fail: reject }
}
