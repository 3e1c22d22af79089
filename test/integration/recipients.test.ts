/** The list of recipients: what may stand on it, who changes it, and what the command line says. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fault } from '../../lambdas/domain/core/fault.ts'
import { territories } from '../../lambdas/domain/core/place/territory.ts'
import { shortMailId } from '../../lambdas/domain/delivery/delivery.ts'
import { type Recipient, territoriesOf } from '../../lambdas/domain/delivery/recipient.ts'
import { tagged } from '../../lambdas/mail/mailer.ses.ts'
import { recipientId } from '../../lambdas/store/delivery/recipients.ts'
import { newToken } from '../../lambdas/store/delivery/tokens.ts'
import {
  addRecipient,
  importRecipients,
  RecipientError,
  type RecipientWords,
  removeRecipient,
  updateRecipient,
} from '../../lambdas/usecases/delivery/manage-recipients.ts'
import {
  type MailEvent,
  recordMailEvent,
  UnknownDeliveryError,
} from '../../lambdas/usecases/delivery/record-mail-event.ts'
import { confirmSubscription } from '../../lambdas/usecases/links/confirm-subscription.ts'
import { unsubscribe } from '../../lambdas/usecases/links/unsubscribe.ts'
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

const ana = { by: 'Ana' }
const add = (words: RecipientWords) => addRecipient(words, {}, ana, opened.services)
const words = (changes: RecipientWords = {}): RecipientWords => ({
  address: 'Watch@Example.org',
  territories: ['NC'],
  ...changes,
})

describe('a recipient', () => {
  test.each(['all', 'Tous', 'TOUTES'])('may read every territory by %s', async (word) => {
    const { territories: readable } = await add(words({ address: `${word}@example.org`, territories: [word, 'NC'] }))
    expect([...territoriesOf(readable)].sort()).toEqual(territories.map(({ code }) => code).sort())
  })

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
    ['a report that is none', { editions: ['Atlantis'] }, 'editions: "Atlantis" is no territory'],
    ['a report of hostile text', { editions: ['<script>ALL</script>\r\nBcc: x'] }, 'editions: "<script>ALL'],
    ['a place of several territories as report', { editions: ['Saint-Denis'] }, 'editions: "Saint-Denis"'],
    ['a dossier', { editions: ['campaign-0123456789ab'] }, 'is a dossier: vigie dossier'],
  ])('with %s is refused by name', async (_, changes, message) => {
    const refused = add(words({ address: 'other@example.org', ...changes }))
    await expect(refused).rejects.toBeInstanceOf(RecipientError)
    await expect(refused).rejects.toThrow(message)
  })

  test('may name reports apart from what it may read, by any of their names', async () => {
    const added = await add({
      address: 'nation@example.org',
      territories: ['overseas', 'COR'],
      editions: ['all', 'Antilles françaises', 'Synthèse nationale', 'indian-ocean', '988', 'Mayotte'],
    })
    expect(added.editions).toEqual(['ALL', 'ANTILLES', 'INDIAN-OCEAN', 'NC', 'YT'])
    const changed = await updateRecipient('nation@example.org', { editions: ['Each'] }, {}, ana, opened.services)
    expect(changed).toMatchObject({ editions: ['each'], territories: ['overseas', 'COR'] })
    const kept = await updateRecipient('nation@example.org', { quiet: 'skip' }, {}, ana, opened.services)
    expect(kept).toMatchObject({ editions: ['each'], quiet: 'skip' })
  })

  test('is changed where it is named, and keeps the rest', async () => {
    const changed = await updateRecipient('watch@example.org', { clearance: 'GREEN' }, {}, ana, opened.services)
    expect(changed).toMatchObject({ clearance: 'TLP:GREEN', territories: ['NC'], language: 'fr' })
  })

  test('that is taken off the list may be put on it again', async () => {
    const removed = await removeRecipient('watch@example.org', ana, opened.services)
    expect(removed).toMatchObject({ state: 'unsubscribed', reason: { code: 'recipient.takenOff' } })
    expect(await add(words({ territories: ['MQ'] }))).toMatchObject({ state: 'active', territories: ['MQ'] })
  })
})

describe('who changes a recipient that another has changed meanwhile', () => {
  /** The services of somebody for whom another comes between the reading and the writing, once. */
  const overtaken = (between: () => Promise<unknown>) => {
    let is = false
    const { recipients } = opened.services
    return {
      ...opened.services,
      recipients: {
        ...recipients,
        get: async (id: string) => {
          const found = await recipients.get(id)
          if (found && !is) {
            is = true
            await between()
          }
          return found
        },
      },
    }
  }
  const left = async (address: string) => {
    const token = newToken()
    const grant = { kind: 'unsubscribe', recipient: recipientId(address) } as const
    await opened.services.tokens.grant(token, grant, '2099-01-01T00:00:00.000Z')
    return unsubscribe(token, 'click', opened.services, () => undefined)
  }
  const stored = (address: string) => opened.services.recipients.get(recipientId(address))
  const update = (who: string, changes: Omit<RecipientWords, 'address'>) =>
    updateRecipient(who, changes, {}, ana, opened.services)

  test('does not bring back who has left', async () => {
    const address = 'leaver@example.org'
    await add(words({ address, clearance: 'AMBER' }))
    const late = updateRecipient(
      address,
      { language: 'en' },
      {},
      ana,
      overtaken(() => left(address)),
    )
    await expect(late).rejects.toBeInstanceOf(RecipientError)
    await expect(late).rejects.toThrow(/changed.*repeat/)
    expect(await stored(address)).toMatchObject({ state: 'unsubscribed', language: 'fr' })
    const list = async function* () {
      yield Buffer.from(`address;territories;language\n${address};NC;en`)
    }
    await updateRecipient(address, {}, { active: true }, ana, opened.services)
    const { rejected } = await importRecipients(
      list(),
      'list.csv',
      ana,
      overtaken(() => left(address)),
    )
    expect(rejected).toMatchObject([{ line: 2, message: expect.stringContaining('repeat') }])
    expect(await stored(address)).toMatchObject({ state: 'unsubscribed' })
    // Nor by the word that takes back, where that was said of another state.
    const back = updateRecipient(
      address,
      {},
      { active: true },
      ana,
      overtaken(() => add(words({ address }))),
    )
    await expect(back).rejects.toThrow(/repeat/)
  })

  test('does not restore a clearance that was lowered', async () => {
    const address = 'lowered@example.org'
    await add(words({ address, clearance: 'AMBER' }))
    const lower = () => update(address, { clearance: 'CLEAR' })
    const late = updateRecipient(address, { territories: ['NC', 'MQ'] }, {}, ana, overtaken(lower))
    await expect(late).rejects.toThrow(/repeat/)
    expect(await stored(address)).toMatchObject({ clearance: 'TLP:CLEAR', territories: ['NC'] })
    await updateRecipient(address, { territories: ['NC', 'MQ'] }, {}, ana, opened.services)
    expect(await stored(address)).toMatchObject({ clearance: 'TLP:CLEAR', territories: ['NC', 'MQ'] })
  })

  test.each([
    ['a territory', { territories: ['MQ', 'NC'] }],
    ['a name', { name: 'Cellule' }],
    ['a report', { editions: ['NC'] }],
    ['a further report', { editions: ['NC', 'MQ'] }],
    ['a form', { form: 'attachment' }],
  ])('is told where %s was changed', async (_, changes) => {
    const address = 'another@example.org'
    if (!(await stored(address))) await add(words({ address, territories: ['NC', 'MQ'] }))
    const late = updateRecipient(
      address,
      { quiet: 'skip' },
      {},
      ana,
      overtaken(() => update(address, changes)),
    )
    await expect(late).rejects.toThrow(/repeat/)
    expect(await stored(address)).toMatchObject(changes)
  })

  test('takes off the list what is there now', async () => {
    const address = 'removed@example.org'
    await add(words({ address, clearance: 'AMBER' }))
    await removeRecipient(
      address,
      ana,
      overtaken(() => update(address, { clearance: 'CLEAR' })),
    )
    expect(await stored(address)).toMatchObject({ state: 'unsubscribed', clearance: 'TLP:CLEAR' })
  })

  test('confirms, leaves or bounces with the clearance that stands', async () => {
    const granted = async (address: string, kind: 'confirm' | 'unsubscribe') => {
      const token = newToken()
      await opened.services.tokens.grant(token, { kind, recipient: recipientId(address) }, '2099-01-01T00:00:00.000Z')
      return token
    }
    const [pending, leaving, bouncing] = ['p@example.org', 'l@example.org', 'b@example.org']
    await addRecipient(words({ address: pending, clearance: 'AMBER' }), { pending: true }, ana, opened.services)
    for (const address of [leaving, bouncing]) await add(words({ address, clearance: 'AMBER' }))
    const lowering = (address: string) => overtaken(() => update(address, { clearance: 'CLEAR' }))
    await confirmSubscription(await granted(pending, 'confirm'), lowering(pending), () => undefined)
    await unsubscribe(await granted(leaving, 'unsubscribe'), 'button', lowering(leaving), () => undefined)
    const complaint = {
      detail: {
        eventType: 'Complaint',
        mail: { messageId: 'm', tags: { delivery: [tagged(shortMailId('code', recipientId(bouncing), 'ab12'))] } },
      },
    }
    await recordMailEvent(complaint, lowering(bouncing))
    expect(await stored(pending)).toMatchObject({ state: 'active', clearance: 'TLP:CLEAR' })
    expect(await stored(leaving)).toMatchObject({ state: 'unsubscribed', clearance: 'TLP:CLEAR' })
    expect(await stored(bouncing)).toMatchObject({ state: 'suppressed', clearance: 'TLP:CLEAR' })
  })

  test('or puts somebody on the list whom another has put there, is told', async () => {
    const address = 'twice@example.org'
    await add(words({ address }))
    await removeRecipient(address, ana, opened.services)
    const other = () => add(words({ address, clearance: 'GREEN' }))
    await expect(addRecipient(words({ address, clearance: 'RED' }), {}, ana, overtaken(other))).rejects.toThrow(
      /repeat/,
    )
    expect(await stored(address)).toMatchObject({ clearance: 'TLP:GREEN' })
  })
})

describe('a list', () => {
  const csv = (...lines: readonly string[]) =>
    async function* () {
      yield Buffer.from(lines.join('\n'))
    }
  const take = (...lines: readonly string[]) => importRecipients(csv(...lines)(), 'list.csv', ana, opened.services)

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

  test('says who wants one digest; what is neither yes nor no is refused', async () => {
    const lines = ['Courriel;Territoires;Envoi groupé', 'un@list.example;NC;Oui', 'deux@list.example;NC;souvent']
    expect(await take(...lines)).toMatchObject({
      added: 1,
      rejected: [{ line: 3, message: 'digest: "souvent" is neither yes nor no' }],
    })
    expect(await opened.services.recipients.get(recipientId('un@list.example'))).toMatchObject({ digest: true })
    expect(await take(lines[0] ?? '', 'un@list.example;NC;')).toMatchObject({ same: 1 })
  })

  test('names reports too; an empty cell changes none', async () => {
    const lines = [
      'Courriel;Territoires;Éditions',
      'nation@list.example;overseas, COR;all | NC',
      'ile@list.example;COR;',
      'nulle@list.example;COR;Atlantide',
    ]
    expect(await take(...lines)).toMatchObject({
      added: 2,
      rejected: [{ line: 4, message: expect.stringContaining('editions: "Atlantide"') }],
    })
    const stored = (address: string) => opened.services.recipients.get(recipientId(address))
    expect(await stored('nation@list.example')).toMatchObject({ editions: ['ALL', 'NC'] })
    expect(await stored('ile@list.example')).not.toHaveProperty('editions')
    expect(await take(...lines.slice(0, 3).with(1, 'nation@list.example;overseas, COR;'))).toMatchObject({ same: 2 })
  })

  test('takes nobody back who left', async () => {
    await removeRecipient('ong@example.org', ana, opened.services)
    const { rejected } = await take('address,territories', 'ong@example.org,overseas')
    expect(rejected).toMatchObject([{ line: 2, message: expect.stringContaining('is unsubscribed') }])
  })

  test('without a column of addresses is refused', async () => {
    await expect(take('name;territories', 'A;NC')).rejects.toThrow('list.csv has no column address')
  })
})

describe('what the mail service tells', () => {
  const key = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1 } as const
  const event = (eventType: string, recipient: string, more: Partial<MailEvent['detail']> = {}): MailEvent => ({
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
    expect(await recordMailEvent(event('Delivery', id), opened.services)).toBe('SENT')
    expect(await recordMailEvent(event('Delivery', id), opened.services)).toBe('nothing new')
    expect(await stateOf(id)).toBe('SENT')
  })

  test('is the last word where an address bounces, and mails it no more; a late word of sending changes nothing', async () => {
    const id = await having('bounced@example.org', 'SENT')
    expect(await recordMailEvent(event('Bounce', id, permanent), opened.services)).toBe('FAILED')
    await recordMailEvent(event('Send', id), opened.services)
    expect(await stateOf(id)).toBe('FAILED')
    expect(await recipientOf(id)).toMatchObject({ state: 'suppressed', reason: { code: 'recipient.bounced' } })
  })

  test('lets a mailbox that is full for a day be', async () => {
    const id = await having('full@example.org', 'SENT')
    await recordMailEvent(event('Bounce', id, { bounce: { bounceType: 'Transient' } }), opened.services)
    expect(await stateOf(id)).toBe('SENT')
    expect((await recipientOf(id)).state).toBe('active')
  })

  test('leaves alone who complained', async () => {
    const id = await having('complained@example.org', 'SENT')
    await recordMailEvent(event('Complaint', id, { complaint: { complaintFeedbackType: 'abuse' } }), opened.services)
    expect(await stateOf(id)).toBe('SENT')
    expect(await recipientOf(id)).toMatchObject({
      state: 'suppressed',
      reason: fault('recipient.complained', { detail: 'abuse' }),
    })
  })

  test('of a delivery that nobody knows is an error', async () => {
    const unknown = recordMailEvent(event('Delivery', '0000000000000000'), opened.services)
    await expect(unknown).rejects.toBeInstanceOf(UnknownDeliveryError)
    const foreign = {
      detail: { ...event('Send', 'x').detail, mail: { messageId: 'm', tags: { delivery: ['../../x'] } } },
    }
    await expect(recordMailEvent(foreign, opened.services)).rejects.toBeInstanceOf(UnknownDeliveryError)
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
    expect(await vigieJson(['recipients', 'update', added.id, '--digest'], home())).toMatchObject({ digest: true })
    expect(await vigieJson(['recipients', 'update', added.id, '--no-digest'], home())).toMatchObject({ digest: false })
    const [listed] = await vigieJson<Recipient[]>(['recipients', 'list'], home())
    const table = (await vigie(['recipients', 'list'], home())).stdout.split('\n')
    expect(table[0]).toMatch(
      /^Id +Address +Name +Language +Territories +Editions +Cadences +Clearance +Form +Quiet +Mails +State *$/,
    )
    expect(table[1]).toContain(`${listed?.language} `)
    expect(table[1]).toContain(`${listed?.form} `)
    expect((await vigie(['archive', 'list'], home())).stdout).toBe('none\n')
    expect(listed).toMatchObject({ territories: ['NC', 'antilles'], clearance: 'TLP:AMBER', quiet: 'skip' })
    await vigieJson(['recipients', 'remove', 'prefet@example.org'], home())
    expect((await vigieJson<Recipient[]>(['recipients', 'list'], home()))[0]?.state).toBe('unsubscribed')
  })

  test('names reports, and says which of them its reader may not read', async () => {
    const own = { env: { VIGIE_HOME: join(folder, 'editions') } }
    const add = ['recipients', 'add', 'nation@example.org', '--territory', 'overseas', '--edition', 'all', 'NC']
    const added = (await vigie(add, own)).stdout
    expect(added).toContain('editions ALL (not mailed: may not read COR) NC  TLP:CLEAR')
    expect((await vigie(['recipients', 'list'], own)).stdout).toContain('ALL (not mailed: may not read COR) NC')
    await vigie(['recipients', 'update', 'nation@example.org', '--territory', 'overseas', 'COR'], own)
    expect((await vigie(['recipients', 'list'], own)).stdout).toMatch(/overseas COR +ALL NC +week/)
    const refused = await vigie(['recipients', 'update', 'nation@example.org', '--edition', 'Atlantis'], own)
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('all is the national edition')])
  })

  test('takes a list, and says which rows it did not take', async () => {
    const file = join(folder, 'list.csv')
    await writeFile(file, 'address,territories\nx@example.org,NC\nnobody,NC\n')
    const ran = await vigie(['recipients', 'import', file, '--json'], home())
    expect(ran.code).toBe(1)
    expect(jsonOf(ran)).toMatchObject({ added: 1, rejected: [{ line: 3 }] })
  })
})
