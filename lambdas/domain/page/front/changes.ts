import type { HeadlineFigure } from '../../aggregate/tally.ts'
import type { MessageKey, ReportWording } from '../../core/language/report-wording.ts'
import type { Subject } from '../../core/place/territory.ts'
import type { FigureChange } from '../../report/changes.ts'
import type { Facts } from '../../report/facts.ts'
import { momentIn } from '../words/phrases.ts'

export type ChangesSection = NonNullable<ReturnType<typeof changesSection>>
export type ChangeTable = ChangesSection['tables'][number]

export const changesSection = (facts: Facts, territory: Subject, words: ReportWording) => {
  const { changes, revisedBefore } = facts
  if (!changes && revisedBefore.every(({ figures }) => figures.length === 0)) return null
  const counts = changes
    ? ([
        ['changes.added', changes.added.length],
        ['changes.revised', changes.revised.length],
        ['changes.removed', changes.removed.length],
      ] as const)
    : []
  return {
    title: words.say('changes'),
    sentences: changes
      ? [
          words.formatRich(changes.until === undefined ? 'changes.since' : 'changes.sinceDossier', {
            version: changes.version,
            until: changes.until ?? '',
            asOf: momentIn(Date.parse(changes.asOf), territory, words),
            reasons: words.list(changes.reasons.map((reason) => words.say(`changes.reason.${reason}`))),
          }),
          ...counts.flatMap(([key, count]) => (count === 0 ? [] : [words.formatRich(key, { count })])),
          // After a raised marking, a difference of figures would reveal the hidden detection.
          ...(changes.figures.length === 0 && !changes.reasons.includes('marking')
            ? [words.formatRich('changes.noFigure')]
            : []),
        ]
      : [],
    head: {
      measure: words.say('figures.measure'),
      before: words.say('changes.before'),
      after: words.say('changes.after'),
    },
    tables: [
      ...(changes && changes.figures.length > 0
        ? [{ title: words.say('changes.here'), rows: rowsOf(changes.figures, words) }]
        : []),
      ...revisedBefore
        .filter(({ figures }) => figures.length > 0)
        .map(({ period, version, figures }) => ({
          title: words.say('changes.earlier', { period, version }),
          rows: rowsOf(figures, words),
        })),
    ],
  }
}

const rowsOf = (figures: readonly FigureChange[], words: ReportWording) =>
  figures.map(({ figure, before, after }) => ({
    measure: words.say(measureKey(figure)),
    before: words.total(before),
    after: words.total(after),
  }))

const measureKey = (figure: HeadlineFigure): MessageKey => `measure.${figure}`
