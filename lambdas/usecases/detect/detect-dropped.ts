import { setImmediate as breathe } from 'node:timers/promises'
import { type Drop, OversizedFileError } from '../../archive/drop.s3.ts'
import { postsPrefix, resultPrefix } from '../../config/env.ts'
import { DetectError, methods, usual } from '../../domain/coordination/find.ts'
import { queryNameOf } from '../../domain/coordination/posts/query.ts'
import type { OrganisationIntake } from '../../domain/report/organisation.ts'
import { FileError } from '../../intake/record/file-error.ts'
import { type DetectResult, detectInFiles, pseudonymised } from './detect-in-files.ts'
import type { DetectServices } from './keep-found.ts'

/** Days before the run's due day, so that posts arriving a day late are still compared. */
const daysBefore = 2

type DueRun = {
  /** Due time of the run. A retry handles only unfinished queries. */
  readonly at: Date
  readonly organisation: OrganisationIntake
  pseudonyms(): Promise<(account: string) => string>
  readonly outOfTime: AbortSignal
}

type LookedAt = {
  readonly query: string
  readonly files: number
  /** Files outside a day folder. */
  readonly misplaced: number
  readonly result: DetectResult
}

type NotLookedAt = { readonly query: string; readonly cause: Error }

/** A retry would fail the same way; the result file records the error. */
const nonRetryableErrors = [FileError, DetectError, OversizedFileError]

export const detectDropped = async (
  due: DueRun,
  services: DetectServices,
  drop: Pick<Drop, 'open' | 'list' | 'writeResult'>,
): Promise<{ readonly lookedAt: readonly LookedAt[]; readonly failed: readonly NotLookedAt[] }> => {
  const lookedAt: LookedAt[] = []
  const failed: NotLookedAt[] = []
  const done = new Set(await drop.list(`${resultPrefix}${postsPrefix}`))
  const byQuery = Map.groupBy(await drop.list(postsPrefix), (key) => key.split('/')[1] ?? '')
  for (const [query, keys] of [...byQuery].sort()) {
    const result = resultKey(query, due.at)
    if (done.has(result)) continue
    const resultHead = { query, at: services.clock().toISOString() }
    try {
      const looked = await lookAt(query, keys, due, services, drop)
      if (!looked) continue
      await drop.writeResult(result, { ...resultHead, ...receiptOf(looked) })
      lookedAt.push(looked)
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error))
      if (nonRetryableErrors.some((kind) => cause instanceof kind)) {
        await drop.writeResult(resultKey(query, due.at, '-failed'), { ...resultHead, failure: cause.message })
      }
      failed.push({ query, cause })
    }
  }
  return { lookedAt, failed }
}

/** Omits texts and pseudonyms: `vigie forget` does not reach result files. */
const receiptOf = ({ result, files, misplaced }: LookedAt) => {
  const { posts, accounts, doubles, rejected, rejects, noted, problems, kept } = result
  return { files, misplaced, posts, accounts, doubles, rejected, rejects, noted, problems, kept }
}

const lookAt = async (
  query: string,
  keys: readonly string[],
  due: DueRun,
  services: DetectServices,
  drop: Pick<Drop, 'open'>,
): Promise<LookedAt | undefined> => {
  const days = daysOf(due.at)
  const placed = keys.filter((key) => dayOf(key) !== undefined)
  const files = placed.filter((key) => days.includes(dayOf(key) ?? ''))
  if (placed.length === 0) {
    throw new DetectError(
      `${keys[0]} is in no folder of a day: drop posts as ${postsPrefix}QUERY/DAY/FILE, with a day such as 2024-05-15`,
    )
  }
  if (files.length === 0) return undefined
  const result = await detectQuery(nameOf(query), files, due, services, drop)
  return { query, files: files.length, misplaced: keys.length - placed.length, result }
}

const nameOf = (folder: string): string => {
  try {
    return queryNameOf(folder)
  } catch (cause) {
    throw new DetectError(`the folder ${JSON.stringify(folder)}: ${(cause as Error).message}`, { cause })
  }
}

const detectQuery = async (
  query: string,
  keys: readonly string[],
  { organisation, pseudonyms, outOfTime }: DueRun,
  services: DetectServices,
  drop: Pick<Drop, 'open'>,
): Promise<DetectResult> => {
  const { territories, marking, map, affiliations = {} } = organisation.posts?.[query] ?? {}
  const pseudonym = await pseudonyms()
  const request = {
    files: keys.map((name) => ({ name, open: async () => (await drop.open(name)).chunks })),
    parameters: {
      ...{ methods, ...usual },
      affiliations: pseudonymised(affiliations, pseudonym),
    },
    ...{ query, marking, territories, organisation, pseudonym },
    mapping: map,
    dryRun: false,
    onRead: () => outOfTime.throwIfAborted(),
    step: async () => {
      // Lets timers fire.
      await breathe()
      outOfTime.throwIfAborted()
    },
  }
  return detectInFiles(request, services)
}

const dayOf = (key: string): string | undefined => /^[^/]*\/[^/]+\/(\d{4}-\d\d-\d\d)\/./.exec(key)?.[1]

const daysOf = (at: Date): readonly string[] =>
  Array.from({ length: daysBefore + 1 }, (_, before) =>
    new Date(at.getTime() - before * 86_400_000).toISOString().slice(0, 10),
  )

const resultKey = (query: string, at: Date, ending = ''): string =>
  `${resultPrefix}${postsPrefix}${query}/${at.toISOString().slice(0, 19).replaceAll(':', '')}Z${ending}.json`
