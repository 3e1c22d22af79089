import { sha256 } from '../../domain/core/text/canonical.ts'
import type { Job } from '../../domain/report/job.ts'
import { askedKey, jobKey, jobNameKey } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'

const jobDays = 30

export type Jobs = {
  create(job: Job): Promise<void>
  get(id: string): Promise<Job | undefined>
  change(from: Job, to: Job): Promise<boolean>
  /** @returns the job of the key, and the hash of its request */
  name(
    key: string,
    job: string,
    requestHash: string,
    now: Date,
  ): Promise<{ readonly job: string; readonly requestHash: string }>
  /** Replaces the job of the key by the answer that a repeated request gets. */
  answer(key: string, text: string, requestHash: string, now: Date): Promise<void>
  /** Idempotent; false at the caller's limit. */
  count(asked: AskedFor): Promise<boolean>
}

type AskedFor = { readonly account: string; readonly job: string; readonly most: number; readonly now: Date }

export const jobsIn = (table: Table): Jobs => {
  const expiring = (at: string) => ({ expiresAt: Math.ceil(Date.parse(at) / 1_000) + jobDays * 86_400 })
  return {
    create: async (job) => {
      await table.put({ ...jobKey(job.id), job, at: job.at, state: job.state, ...expiring(job.askedAt) })
    },
    get: async (id) => ((await table.get(jobKey(id))) as (Item & { job: Job }) | undefined)?.job,
    change: (from, to) =>
      table.putIf(
        { ...jobKey(to.id), job: to, at: to.at, state: to.state, ...expiring(to.askedAt) },
        {
          expression: '#at = :at AND #state = :state',
          names: { '#at': 'at', '#state': 'state' },
          values: { ':at': from.at, ':state': from.state },
        },
      ),
    name: async (key, job, requestHash, now) => {
      const item = { ...jobNameKey(key), job, requestHash, ...expiring(now.toISOString()) }
      if (await table.putIf(item, { expression: 'attribute_not_exists(pk)' })) return { job, requestHash }
      const found = (await table.get(jobNameKey(key))) as (Item & { job: string; requestHash: string }) | undefined
      if (!found) throw new Error(`the key of job ${job} was deleted while it was read: ask again`)
      return found
    },
    answer: (key, job, requestHash, now) =>
      table.put({ ...jobNameKey(key), job, requestHash, ...expiring(now.toISOString()) }),
    count: ({ account, job, most, now }) =>
      table.addIf(
        askedKey(sha256(account), now.toISOString().slice(0, 13)),
        { set: 'jobs', text: job },
        { expiresAt: Math.ceil(now.getTime() / 1_000) + 86_400 },
        {
          expression: 'attribute_not_exists(#set) OR size(#set) < :most OR contains(#set, :job)',
          values: { ':most': most, ':job': job },
        },
      ),
  }
}
