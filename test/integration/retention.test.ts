/** What has passed its retention is nowhere in the home's store; figures, versions and signatures hold. */
import { gunzipSync } from 'node:zlib'
import { beforeEach, expect, test } from 'vitest'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import type { OrganisationLimits } from '../../lambdas/domain/report/organisation.ts'
import { recipientId } from '../../lambdas/store/delivery/recipients.ts'
import { retentionIn } from '../../lambdas/store/detections/retention.ts'
import { verifyArchive } from '../../lambdas/usecases/archive/verify-archive.ts'
import { removeRecipient } from '../../lambdas/usecases/delivery/manage-recipients.ts'
import { expireAll } from '../../lambdas/usecases/retention/expire-all.ts'
import { newFolder } from '../support/cli.ts'
import { detection, input } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { ingestInto, type Opened, openServices, reportFrom } from '../support/services.ts'

let opened: Opened
beforeEach(async () => {
  const { folder, remove } = await newFolder()
  opened = await openServices(folder)
  return async () => {
    await opened.close()
    await remove()
  }
})

const retention = { accounts: 400, addresses: 90, texts: 90, mailAddresses: 30 }
const old: readonly DetectionInput[] = [
  input({
    ...{ id: 'a', title: 'secret title', summary: 'secret summary', counts: { accounts: 2, posts: 5 } },
    accountRefs: ['secret_one', 'active_one'],
    evidence: [{ label: 'secret label', url: 'https://secret.example/1' }],
    indicators: [{ type: 'url', value: 'https://secret.example/same' }],
    observedEffect: { state: 'observed', degree: 'online', text: 'secret effect' },
  }),
  // The same post, counted once.
  input({
    ...{ id: 'b', title: 'secret', counts: { accounts: 2, posts: 7 }, accountRefs: ['secret_one', 'set_one'] },
    indicators: [
      { type: 'url', value: 'https://Secret.example/same' },
      { type: 'url', value: 'https://active.example/' },
    ],
  }),
  // Its text is cut into parts.
  input({
    ...{ id: 'long', title: 'secret', summary: 'secret summary' },
    accountRefs: ['secret_one', 'secret_two', ...Array.from({ length: 9_000 }, (_, at) => `account-${at}`)],
  }),
  input({ id: 'nowhere', territories: [], title: 'secret place', reported: { territories: ['secret'] } }),
  input({ id: 'placed', territories: [], title: 'secret place' }),
]
const young = input({
  ...{ id: 'young', title: 'Young title', observed: { from: '2025-09-01' }, accountRefs: ['active_one'] },
  indicators: [{ type: 'url', value: 'https://active.example/' }],
})
const later = '2025-09-01T00:00:00.000Z'

/** Those of the words that are anywhere in the table. */
const found = async (...words: readonly string[]): Promise<readonly string[]> => {
  const items = (await Array.fromAsync(opened.table.scan())).flat()
  const summaries = items.flatMap(({ pk, body }) =>
    pk.startsWith('SUMMARY#') ? [gunzipSync(Buffer.from(String(body), 'base64')).toString()] : [],
  )
  const all = JSON.stringify([items, summaries]).toLowerCase()
  return words.filter((word) => all.includes(word))
}
const expire = (kinds: OrganisationLimits['retention'] = retention) =>
  expireAll({ retention: kinds }, opened.services, opened.table)
const accountsOf = async (id: string) => (await opened.services.detections.latest(id))?.accountRefs ?? []
const prepare = async () => {
  await ingestInto(opened, old)
  const place = { code: 'NC', method: 'analyst', by: 'Ana' } as const
  await opened.services.detections.assignTerritories('placed', [place], { by: 'Ana' }, opened.services.clock())
  await ingestInto(opened, 'account\nset_one\n', { format: 'accounts', set: { id: 'set' } })
}

test('expired data are nowhere, and a report counts what it counted', async () => {
  const { services } = opened
  const { pseudonym } = await opened.context.pseudonyms()
  await prepare()
  const note = { territory: 'NC', period: '2024-W20', author: 'Ana', role: 'Duty', language: 'fr' } as const
  const words = { text: 'secret note', marking: 'TLP:AMBER', approves: true } as const
  await services.notes.add({ ...note, ...words, unknown: ['secret point'], writtenAt: '2024-05-20T00:00:00.000Z' })
  const sample = detection({ id: 'candidate', title: 'secret sample', accountRefs: [pseudonym('secret_three')] })
  const shared = [{ name: 'url secret.example', accounts: 2 }]
  const candidate = {
    detection: sample,
    members: ['c'],
    shared,
    ties: [[pseudonym('secret_one'), pseudonym('secret_three'), 3]] as const,
  }
  await services.candidates.save(candidate, services.clock())
  await services.recipients.replace(recipient('secret@example.org', { name: 'Secret Name' }))
  await services.recipients.replace(recipient('never@secret.example', { name: 'Secret', state: 'pending' }))
  await removeRecipient('secret@example.org', { by: 'Ana' }, services)
  const reader = await services.recipients.get(recipientId('secret@example.org'))
  await services.deliveries.create({
    ...{ territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, recipient: reader?.id ?? '' },
    ...{ state: 'FAILED', attempts: 1, turn: 0, at: '2024-05-20T00:00:00.000Z', reason: '550 secret@example.org' },
  })
  const before = await reportFrom(opened, 'NC', '2024-W20')
  const gone = ['secret_one', 'secret_two', 'secret_three', 'account-7'].map(pseudonym)
  expect(await found(...gone, 'summary#nc')).toEqual([...gone, 'summary#nc'])

  opened.at(later)
  await ingestInto(opened, [young])
  expect(await expire()).toMatchObject({ accounts: 9_003, addresses: 3, texts: 7, mailAddresses: 2 })
  expect(await found(...gone, 'secret')).toEqual([])
  const staying = [pseudonym('active_one'), pseudonym('set_one'), 'https://active.example/', 'young title']
  expect(await found(...staying)).toEqual(staying)

  const other = await reportFrom(opened, 'NC', '2024-W20', { cap: 'TLP:AMBER+STRICT' })
  expect(other.totals).toEqual(before.totals)
  expect((await verifyArchive(services)).problems).toEqual([])
  // A further run removes nothing, and a file sent again brings nothing back.
  expect(await expire()).toMatchObject({ accounts: 0, addresses: 0, texts: 0, mailAddresses: 0 })
  expect(await ingestInto(opened, old)).toMatchObject({ read: 5, duplicates: 5 })
  expect(await found(...gone, 'secret')).toEqual([])
})

test('one detection keeps what one kind leaves, and a revised one stays', async () => {
  await prepare()
  opened.at('2025-08-01T00:00:00.000Z')
  await ingestInto(opened, [{ ...input(old[1]), summary: 'secret news' }])
  opened.at(later)
  await expire({ texts: 90 })
  expect(await opened.services.detections.latest('b')).toMatchObject({ summary: { und: 'secret news' } })
  expect(await opened.services.detections.latest('a')).not.toHaveProperty('summary')
})

test('an interrupted run is continued with the same substitutes', async () => {
  await prepare()
  opened.at(later)
  let writes = 0
  const dying = {
    ...opened.table,
    putIf: (...args: Parameters<typeof opened.table.putIf>) =>
      ++writes > 1 ? Promise.reject(new Error('killed')) : opened.table.putIf(...args),
  }
  await expect(retentionIn(dying).remove({ accounts: '2024-08-01' })).rejects.toThrow('killed')
  const one = (await opened.context.pseudonyms()).pseudonym('secret_one')
  expect(await found(one, '"key"')).toHaveLength(2)
  await expire({ accounts: 400 })
  const [[first], [second], [third, fourth]] = [await accountsOf('a'), await accountsOf('b'), await accountsOf('long')]
  expect([second, third]).toEqual([first, first])
  expect(fourth).not.toBe(first)
  expect(await found(one, '"key"')).toEqual([])
})
