/** Runs rows one after the other, and says of each what it cost. */
import { plainTable } from '../../bin/cli/output/tables.ts'
import { messageOf } from '../../lambdas/domain/core/text/thrown.ts'
import type { Grounds } from './grounds.ts'
import { type Cost, costOf, lostOnly, type Row } from './row.ts'

export type Result = Cost & {
  readonly group: string
  readonly name: string
  readonly where: string
  readonly injected: number
  readonly done: string
  /** *held*: nothing lost, nothing twice, all verified · *broken* · *not here*: this machine cannot have the fault. */
  readonly verdict: 'held' | 'broken' | 'not here'
  readonly seconds: number
}

const runRow = async (row: Row, grounds: Grounds): Promise<Result> => {
  const { group, name, where } = row
  const began = performance.now()
  const outcome = await row.inject(grounds).catch((error: unknown) => ({
    ...lostOnly(`it could not be told: ${messageOf(error)}`),
    injected: 0,
    done: 'stopped by an error',
  }))
  const seconds = Number(((performance.now() - began) / 1_000).toFixed(1))
  if ('notHere' in outcome) {
    const { notHere: done } = outcome
    return { group, name, where, injected: 0, done, ...costOf([]), verdict: 'not here', seconds }
  }
  const { lost, twice, unverified, injected, done } = outcome
  const isWhole = lost.length + twice.length + unverified.length === 0 && injected > 0
  return {
    ...{ group, name, where, injected, lost, twice, unverified, seconds },
    done: injected > 0 ? done : `the fault never came about: ${done}`,
    verdict: isWhole ? 'held' : 'broken',
  }
}

export const runMatrix = async (
  rows: readonly Row[],
  grounds: Grounds,
  told: (result: Result) => void = () => undefined,
): Promise<readonly Result[]> => {
  const results: Result[] = []
  for (const row of rows) {
    const result = await runRow(row, grounds)
    results.push(result)
    told(result)
  }
  return results
}

/** The exit code of a run. */
export const codeOf = (results: readonly Result[]): 0 | 1 =>
  results.length > 0 && results.every(({ verdict }) => verdict !== 'broken') ? 0 : 1

const told = (found: readonly string[]): string => (found.length === 0 ? 'nothing' : String(found.length))

export const matrixTable = (results: readonly Result[]): string =>
  plainTable(
    ['Fault', 'Where', 'Times', 'What was done', 'Lost', 'Twice', 'Verified', 's'],
    results.map(({ name, where, injected, done, lost, twice, unverified, verdict, seconds }) => [
      name,
      where,
      verdict === 'not here' ? '' : String(injected),
      verdict === 'not here' ? `not possible here: ${done}` : done,
      verdict === 'not here' ? '' : told(lost),
      verdict === 'not here' ? '' : told(twice),
      verdict === 'not here' ? '' : unverified.length === 0 ? 'yes' : `${unverified.length} problems`,
      String(seconds),
    ]),
  ).join('\n')

/** What broke, in full. */
export const breaches = (results: readonly Result[]): readonly string[] =>
  results
    .filter(({ verdict }) => verdict === 'broken')
    .flatMap(({ name, lost, twice, unverified, done }) => [
      `${name}: ${done}`,
      ...lost.map((one) => `  lost: ${one}`),
      ...twice.map((one) => `  twice: ${one}`),
      ...unverified.map((one) => `  not verified: ${one}`),
    ])
