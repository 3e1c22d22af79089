/** `vigie redrive`. */
import { InvalidArgumentError } from 'commander'
import { systemClock } from '../../../lambdas/config/clock.ts'
import { type LetterQueue, letterQueues } from '../../../lambdas/domain/checkup/dead-letter.ts'
import { spanOf } from '../../../lambdas/domain/checkup/finding.ts'
import { plural } from '../../../lambdas/domain/core/text/plural.ts'
import type { ListedLetter } from '../answers.ts'
import { globalsOf, printOutcome } from '../run.ts'
import { bare } from '../table.ts'
import { argument, option } from '../words.ts'

export const redriveCommands = [
  bare('redrive', {
    description: 'look at the dead letters of a stage; send them back once their cause is mended, or drop them',
    takes: {
      queue: argument('[queue]', 'whose dead letters; all where it is left out').oneOf(letterQueues),
      send: option(
        '--send',
        'put them back on their own queue; call the watchdog and the look at posts again for theirs',
      ),
      drop: option('--drop', 'remove them, of which nothing is to come any more: with --only or --all'),
      only: option('--only <id...>', 'these letters alone, by their ids or the first signs of them'),
      all: option('--all', 'drop every letter of the queue'),
    },
    act: async (asked, self) => {
      const { stage } = globalsOf(self)
      const { queue, send = false, drop = false, only } = asked
      if (stage === undefined)
        throw new InvalidArgumentError('--stage: name a stage, a home has no queues and no dead letters')
      checkWords(asked)
      const { openDeadLetters } = await import('../dead-letters.ts')
      const { redrive } = await import('../../../lambdas/usecases/delivery/redrive.ts')
      const opened = await openDeadLetters(stage)
      try {
        const asked = opened.queues.filter(({ name }) => queue === undefined || name === queue)
        if (asked.length === 0) throw new Error(`the stage ${stage} has no queue ${queue}: it sends no mail`)
        const value = await Promise.all(
          asked.map(async ({ name, box, send: again }) => {
            const how = { ...(send && { send: again }), drop, only }
            const { letters, isAll, there, unknown, several } = await redrive(box, how)
            const kept = letters.length > 0 ? await box.keptSeconds() : 0
            const said = letters.map(({ letter, did, why }) => ({
              ...letter,
              keptUntil: new Date(Date.parse(letter.at) + kept * 1000).toISOString(),
              did,
              ...(why !== undefined && { why }),
            }))
            return { queue: name, letters: said, isAll, there, unknown, several }
          }),
        )
        const failed = value.flatMap(({ letters }) => letters.filter(({ did }) => did === 'failed'))
        const isUndone = value.some(({ unknown, several }) => unknown.length + several.length > 0)
        printOutcome('redrive', self, {
          ok: failed.length === 0 && !isUndone,
          value,
          lines: [
            ...value.flatMap(({ queue: name, letters, isAll, there, unknown, several }) => [
              ...letters.flatMap(lettersLines),
              ...unknown.map((word) => `--only ${word}: no letter's id begins with it`),
              ...several.map((word) => `--only ${word}: several letters' ids begin with it, give more signs`),
              unknown.length + several.length > 0
                ? `${name}: nothing was done; ${there === 1 ? 'there is' : 'there are'} ${plural(there, 'dead letter')}`
                : `${name}: ${letters.length === 0 ? 'none' : countsOf(letters)}${isAll ? '' : ', and more: run it again'}`,
            ]),
          ],
        })
      } finally {
        opened.close()
      }
    },
  }),
]

type RedriveWords = {
  readonly queue?: LetterQueue
  readonly send?: boolean
  readonly drop?: boolean
  readonly only?: readonly string[]
  readonly all?: boolean
}

/** @throws InvalidArgumentError where options contradict each other, or leave open what is meant */
const checkWords = ({ queue, send, drop, only, all }: RedriveWords): void => {
  if (send && drop) throw new InvalidArgumentError('--send, --drop: choose one of the two')
  if (drop && !only && !all) throw new InvalidArgumentError('--drop: say which by --only, or --all')
  if ((send || drop || only) && queue === undefined)
    throw new InvalidArgumentError(`queue: say of which one: ${letterQueues.join(', ')}`)
  if (only?.some((word) => word.length < 4)) throw new InvalidArgumentError('--only: give at least four signs of an id')
}

const lettersLines = ({ id, at, tries, by, cause, keptUntil, body, did, why }: ListedLetter): readonly string[] => [
  `${id}  ${did === 'listed' ? '' : `${did}  `}since ${at}, ${spanOf(systemClock().getTime() - Date.parse(at))}${tries === null ? '' : `, ${plural(tries, 'try', 'tries')}`}, by the ${by}, kept until ${keptUntil}`,
  `  ${why ?? cause}`,
  `  ${body.length > 200 ? `${body.slice(0, 200)}…` : body}`,
]

const countsOf = (letters: readonly ListedLetter[]): string =>
  ['listed', 'sent', 'dropped', 'failed']
    .map((did) => [letters.filter((one) => one.did === did).length, did] as const)
    .filter(([count]) => count > 0)
    .map(([count, did]) => (did === 'listed' ? plural(count, 'dead letter') : `${count} ${did}`))
    .join(', ')
