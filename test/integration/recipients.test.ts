/** The list of recipients: what may stand on it, who changes it, and what the command line says. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Recipient } from '../../lambdas/domain/recipient.ts'
import {
  addRecipient,
  importRecipients,
  RecipientError,
  type RecipientWords,
  removeRecipient,
  updateRecipient,
} from '../../lambdas/manage-recipients.ts'
import { type Feedback, takeFeedback, UnknownDeliveryError } from '../../lambdas/take-feedback.ts'
import { jsonOf, newFolder, vigie, vigieJson } from '../support/cli.ts'
import { type Opened, openServices } from '../support/services.ts'

let opened: Opened
let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  remove = made.remove
  opened = await openServices(folder)
})
afterAll(async () => {
  await opened.close()
  await remove()
})

const add = (words: RecipientWords) => addRecipient(words, {}, opened.services)
const words = (changes: RecipientWords = {}): RecipientWords => ({
  address: 'Watch@Example.org',
  territories: ['NC'],
  ...changes,
})

describe('a recipient', () => {
  test('gets French weekly reports, by link, up to CLEAR, where nothing else is said', async () => {
    expect(await add(words())).toMatchObject({
      address: 'watch@example.org',
      language: 'fr',
      territories: ['NC'],
      cadences: ['week'],
      clearance: 'TLP:CLEAR',
      form: 'link',
      quiet: 'send',
      state: 'active',
    })
  })

  test('is one address, whatever its case', async () => {
    await expect(add(words({ address: ' WATCH@example.org' }))).rejects.toThrow('is a recipient already')
  })

  test('may be a functional mailbox, of groups and places by any of their names', async () => {
    const added = await add({
      address: 'cellule.veille+vigie@pref.example.org',
      territories: ['Outre-mer français', 'Corse', '972', 'pacific'],
      clearance: 'amber+strict',
      name: 'Cellule de veille, n° 3',
    })
    expect(added).toMatchObject({ territories: ['overseas', 'COR', 'MQ', 'pacific'], clearance: 'TLP:AMBER+STRICT' })
  })

  test.each<[string, RecipientWords, string]>([
    ['no address', { address: 'nobody' }, 'address: must be a mail address'],
    ['an address with a second header', { address: 'a@example.org\nBcc: b@example.org' }, 'address'],
    ['a name over two lines', { name: 'A\r\nBcc: b@example.org' }, 'name: must be one line'],
    ['no territory', { territories: [] }, 'territories'],
    ['a territory that is none', { territories: ['Atlantis'] }, 'territories: "Atlantis" is no territory'],
    ['a clearance that is none', { clearance: 'SECRET' }, 'clearance: "SECRET" is none of TLP:CLEAR'],
    ['a cadence that is none', { cadences: ['daily'] }, 'cadences'],
    ['a language that is none', { language: 'de' }, 'language'],
  ])('with %s is refused by name', async (_, changes, message) => {
    const refused = add(words({ address: 'other@example.org', ...changes }))
    await expect(refused).rejects.toBeInstanceOf(RecipientError)
    await expect(refused).rejects.toThrow(message)
  })

  test('is changed where it is named, and keeps the rest', async () => {
    const changed = await updateRecipient('watch@example.org', { clearance: 'GREEN' }, {}, opened.services)
    expect(changed).toMatchObject({ clearance: 'TLP:GREEN', territories: ['NC'], language: 'fr' })
  })

  test('that is taken off the list may be put on it again', async () => {
    const removed = await removeRecipient('watch@example.org', opened.services)
    expect(removed).toMatchObject({ state: 'unsubscribed', reason: expect.stringContaining('taken off the list') })
    expect(await add(words({ territories: ['MQ'] }))).toMatchObject({ state: 'active', territories: ['MQ'] })
  })
})

describe('a list', () => {
  const csv = (...lines: readonly string[]) =>
    async function* () {
      yield Buffer.from(lines.join('\n'))
    }
  const take = (...lines: readonly string[]) => importRecipients(csv(...lines)(), 'list.csv', opened.services)

  test('is taken in as a spreadsheet writes it; a bad row costs itself only; the same again changes nothing', async () => {
    const lines = [
      'Courriel;Nom;Territoires;Habilitation;Cadence;Forme',
      'prefet@example.org;Préfecture;NC, Corse;AMBER;week, month;link',
      'nobody;Sans adresse;NC;GREEN;week;link',
      'ong@example.org;ONG;overseas;GREEN;week;attachment',
    ]
    expect(await take(...lines)).toEqual({
      added: 2,
      changed: 0,
      same: 0,
      rejected: [{ line: 3, message: expect.stringContaining('address') }],
    })
    expect(await take(...lines)).toMatchObject({ added: 0, changed: 0, same: 2 })
    expect(await take(...lines.with(1, 'prefet@example.org;Préfecture;NC;GREEN;week;link'))).toMatchObject({
      changed: 1,
      same: 1,
    })
  })

  test('takes nobody back who left', async () => {
    await removeRecipient('ong@example.org', opened.services)
    const { rejected } = await take('address,territories', 'ong@example.org,overseas')
    expect(rejected).toMatchObject([{ line: 2, message: expect.stringContaining('is unsubscribed') }])
  })

  test('without a column of addresses is refused', async () => {
    await expect(take('name;territories', 'A;NC')).rejects.toThrow('list.csv has no column address')
  })
})

describe('what the mail service tells', () => {
  const key = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1 } as const
  const event = (eventType: string, recipient: string, more: Partial<Feedback['detail']> = {}): Feedback => ({
    detail: {
      eventType,
      mail: { messageId: `m-${recipient}`, tags: { delivery: [`NC.2024-W20.amber.1.${recipient}`] } },
      ...more,
    },
  })
  const having = async (address: string, state: 'UNKNOWN' | 'SENDING' | 'SENT') => {
    const { id } = await add(words({ address }))
    const at = '2024-05-20T00:00:00.000Z'
    await opened.services.deliveries.create({ ...key, recipient: id, state, turn: 1, attempts: 1, at })
    return id
  }
  const stateOf = async (recipient: string) => (await opened.services.deliveries.get({ ...key, recipient }))?.state
  const recipientOf = async (id: string) => (await opened.services.recipients.get(id)) as Recipient
  const permanent = {
    bounce: {
      bounceType: 'Permanent',
      bouncedRecipients: [{ emailAddress: 'x@example.org', diagnosticCode: 'smtp; 550 no such user' }],
    },
  }

  test('settles a doubt: what went out was sent', async () => {
    const id = await having('doubt@example.org', 'UNKNOWN')
    expect(await takeFeedback(event('Delivery', id), opened.services)).toBe('SENT')
    expect(await takeFeedback(event('Delivery', id), opened.services)).toBe('nothing new')
    expect(await stateOf(id)).toBe('SENT')
  })

  test('is the last word where an address bounces, and mails it no more; a late word of sending changes nothing', async () => {
    const id = await having('bounced@example.org', 'SENT')
    expect(await takeFeedback(event('Bounce', id, permanent), opened.services)).toBe('FAILED')
    await takeFeedback(event('Send', id), opened.services)
    expect(await stateOf(id)).toBe('FAILED')
    expect(await recipientOf(id)).toMatchObject({ state: 'suppressed', reason: expect.stringContaining('550') })
  })

  test('lets a mailbox that is full for a day be', async () => {
    const id = await having('full@example.org', 'SENT')
    await takeFeedback(event('Bounce', id, { bounce: { bounceType: 'Transient' } }), opened.services)
    expect(await stateOf(id)).toBe('SENT')
    expect((await recipientOf(id)).state).toBe('active')
  })

  test('leaves alone who complained', async () => {
    const id = await having('complained@example.org', 'SENT')
    await takeFeedback(event('Complaint', id, { complaint: { complaintFeedbackType: 'abuse' } }), opened.services)
    expect(await stateOf(id)).toBe('SENT')
    expect(await recipientOf(id)).toMatchObject({ state: 'suppressed', reason: 'complained: abuse' })
  })

  test('of a delivery that nobody knows is an error', async () => {
    const unknown = takeFeedback(event('Delivery', '0000000000000000'), opened.services)
    await expect(unknown).rejects.toBeInstanceOf(UnknownDeliveryError)
    const foreign = {
      detail: { ...event('Send', 'x').detail, mail: { messageId: 'm', tags: { delivery: ['../../x'] } } },
    }
    await expect(takeFeedback(foreign, opened.services)).rejects.toBeInstanceOf(UnknownDeliveryError)
  })
})

describe('the command line', () => {
  const home = () => ({ env: { VIGIE_HOME: join(folder, 'own') } })

  test('adds, lists, changes and removes', async () => {
    const added = await vigieJson<Recipient>(
      ['recipients', 'add', 'prefet@example.org', '--territory', 'NC', 'antilles', '--clearance', 'AMBER'],
      home(),
    )
    await vigieJson(['recipients', 'update', added.id, '--quiet', 'skip'], home())
    const [listed] = await vigieJson<Recipient[]>(['recipients', 'list'], home())
    expect(listed).toMatchObject({ territories: ['NC', 'antilles'], clearance: 'TLP:AMBER', quiet: 'skip' })
    await vigieJson(['recipients', 'remove', 'prefet@example.org'], home())
    expect((await vigieJson<Recipient[]>(['recipients', 'list'], home()))[0]?.state).toBe('unsubscribed')
  })

  test('takes a list, and says which rows it did not take', async () => {
    const file = join(folder, 'list.csv')
    await writeFile(file, 'address,territories\nx@example.org,NC\nnobody,NC\n')
    const ran = await vigie(['recipients', 'import', file, '--json'], home())
    expect(ran.code).toBe(1)
    expect(jsonOf(ran)).toMatchObject({ added: 1, rejected: [{ line: 3 }] })
  })
})
