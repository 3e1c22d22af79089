import type { Language } from '../core/language/languages.ts'
import type { Detection, Localised } from '../detection/detection.ts'

/** Returns paths such as `narratives.2`. Names are excluded: aliases cover both languages. */
export const untranslatedIn = (detection: Detection, language: Language): readonly string[] =>
  textsOf(detection).flatMap(([path, texts]) => (texts && texts[language] === undefined ? [path] : []))

const textsOf = (detection: Detection): readonly (readonly [string, Localised | undefined])[] => {
  const { title, summary, claim, established, narratives, event, actor, observedEffect, breakout } = detection
  const each = <One>(path: string, of: readonly One[], textOf: (one: One) => Localised | undefined) =>
    of.map((one, at) => [path.replace('*', String(at)), textOf(one)] as const)
  return [
    ['title', title],
    ['summary', summary],
    ['claim', claim?.text],
    ['established', established?.text],
    ['observed.label', detection.observed.label],
    ...each('narratives.*', narratives, (one) => one),
    ['observedEffect.text', observedEffect?.text],
    ['breakout.evidence', breakout?.evidence],
    ...each('criteria.*.evidence', detection.criteria, ({ evidence }) => evidence),
    ['event.place', event?.place],
    ...each('event.participants.*', event?.participants ?? [], roleOf),
    ...each('actor.links.*.fact', actor?.links ?? [], ({ fact }) => fact),
    ...each('actor.links.*.source.title', actor?.links ?? [], ({ source }) => source?.title),
    ...each('actor.replies.*.text', actor?.replies ?? [], ({ text }) => text),
    ...each('actor.replies.*.source.title', actor?.replies ?? [], ({ source }) => source?.title),
    ...each('indicators.*.note', detection.indicators, ({ note }) => note),
    ...each('evidence.*.label', detection.evidence, ({ label }) => label),
  ]
}

/** The schema allows it with or without a name. */
const roleOf = (one: NonNullable<Detection['event']>['participants'][number]): Localised =>
  typeof one.role === 'object' ? one.role : (one as Localised)
