import type { HeadlineFigure } from '../../aggregate/tally.ts'
import type { Segment } from '../../core/language/language.ts'
import type { MessageKey, ReportWording } from '../../core/language/report-wording.ts'
import type { Subject } from '../../core/place/territory.ts'
import type { ChangedDetection, FigureChange } from '../../report/changes.ts'
import type { Facts } from '../../report/facts.ts'
import { momentIn, original, shortened } from '../words/phrases.ts'

export type ChangesSection = NonNullable<ReturnType<typeof changesSection>>
export type ChangeTable = ChangesSection['tables'][number]

export const changesSection = (facts: Facts, territory: Subject, words: ReportWording) => {
  const { changes, revisedBefore } = facts
  if (!changes && revisedBefore.every(({ figures }) => figures.length === 0)) return null
  const detections = (changes?.detections ?? []).map((one) => changedText(one, words))
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
          ...detections,
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
        ? [{ title: words.say('changes.here'), rows: rowsOf(changes.figures, words, changes.removed.length > 0) }]
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

/** @param isRemoved a figure that is gone left with a detection, which was withdrawn or moved */
const rowsOf = (figures: readonly FigureChange[], words: ReportWording, isRemoved = false) =>
  figures.map(({ figure, before, after }) => ({
    measure: words.say(measureKey(figure)),
    before: words.total(before),
    after: isRemoved && after.qualifier === 'not given' ? words.say('changes.gone') : words.total(after),
  }))

/** What changed in one detection, by whom and why. */
export const changedText = (
  { how, title, fields = [], posts, why = [] }: ChangedDetection,
  words: ReportWording,
): readonly Segment[] => {
  const after = posts?.after
  return words.formatRich('changes.detection', {
    how,
    title: original(title, words, (text) => words.quoted(shortened(text, maxTitle))),
    fields: fields.length > 0 ? ` – ${words.list(fields.map((field) => words.say(`changes.field.${field}`)))}` : '',
    posts: posts ? (after && how === 'corrected' ? 'both' : 'before') : 'none',
    before: posts ? words.total(posts.before) : '',
    after: after ? words.total(after) : '',
    why: why
      .map(({ by, reason }) => (reason ? `${shortened(reason, maxReason)} (${shortened(by, maxTitle)})` : by))
      .join(', '),
    isSaid: why.length > 0 ? 'yes' : 'no',
  })
}

const maxTitle = 70
const maxReason = 100

const measureKey = (figure: HeadlineFigure): MessageKey => `measure.${figure}`
