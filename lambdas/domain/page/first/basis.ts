/** Why the level: the questions in order, with what each answer rests on. */
import type { Level } from '../../aggregate/level/level.ts'
import { mayBeUnusual } from '../../aggregate/level/reading.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { inputValues, levelSign } from '../words/level-words.ts'
import type { undecidedEffect } from './effect-text.ts'
import { bandValues } from './trend.ts'

export type Basis = ReturnType<typeof basisOf>

export const basisOf = (level: Level, undecided: ReturnType<typeof undecidedEffect>, words: ReportWording) => ({
  title: words.say('basis.questions', {
    isNumber: typeof level.value === 'number' ? 'yes' : 'no',
    value: levelSign(level.value),
  }),
  rows: questionsOf(level, undecided, words).map(({ question, isYes, value, on }) => ({
    question,
    answer: isYes
      ? words.say('basis.yes', { isFirst: value === level.value ? 'yes' : 'no', value: value ?? 0 })
      : words.say(isYes === undefined ? 'basis.unknown' : 'basis.no'),
    isFirst: isYes === true && value === level.value,
    on,
  })),
})

const questionsOf = (level: Level, undecided: ReturnType<typeof undecidedEffect>, words: ReportWording) => {
  const { claim, tests, detections, isWhole } = level
  const inputs = inputValues(level)
  const effectText = words.say('basis.effect', {
    effect: claim?.is ?? undecided,
    id: claim?.id ?? '',
  })
  const phrases = tests.map((test) =>
    words.say('basis.test', {
      phrase: words.phrase(test.figure, test.total),
      known: test.ordinary ? 'yes' : 'no',
      ...bandValues(test.ordinary ?? { least: 0, most: 0, weeks: 0 }),
      floor: test.floor,
    }),
  )
  const figures = phrases.length === 0 ? words.say('basis.noTest') : phrases.join(' · ')
  const isUnusual = tests.some(({ above }) => above !== undefined) || (tests.some(mayBeUnusual) ? undefined : false)
  // An answer below the first yes was not needed.
  const isDecided = claim?.is === 'act' || claim?.is === 'effect'
  return [
    { question: words.say('basis.q4'), isYes: claim?.is === 'act', value: 4, on: effectText },
    { question: words.say('basis.q3'), isYes: isDecided, value: 3, on: effectText },
    ...(isDecided
      ? []
      : [{ question: words.say('basis.q2'), isYes: claim?.is === 'reported' || isUnusual, value: 2, on: figures }]),
    {
      question: words.say('basis.q1'),
      isYes: detections > 0,
      value: 1,
      on: words.say('front.trend.detections', { count: detections, figure: words.number(detections) }),
    },
    {
      question: words.say('basis.q0'),
      isYes: isWhole,
      value: undefined,
      on: inputs ? words.say('level.why.inputs', inputs) : '',
    },
  ]
}
