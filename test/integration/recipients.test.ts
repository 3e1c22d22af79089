/** The list of recipients: what it accepts, concurrent changes, imports and mail events. */
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
import type { Services } from '../../lambdas/usecases/services.ts'
import { jsonOf, newFolder, vigie, vigieJson } from '../support/cli.ts'
import { type Opened, openServices } from '../support/services.ts'

let opened: Opened
let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  ;({ folder, remove } = await newFolder())
  opened = await openServices(folder)
})
afterAll(async () => {
  await opened.close()
  await remove()
})

const ana = { by: 'Ana' }
const words = (changes: RecipientWords = {}): RecipientWords => ({
  address: 'Watch@Example.org',
  territories: ['NC'],
  ...changes,
})
const add = (input: RecipientWords, services = opened.services) => addRecipient(input, {}, ana, services)
const update = (address: string, changes: Omit<RecipientWords, 'address'>, services = opened.services) =>
  updateRecipient(address, changes, {}, ana, services)
const stored = (address: string) => opened.services.recipients.get(recipientId(address))

describe('a recipient', () => {
  test.each(['all', 'Tous', 'TOUTES'])('may read every territory by %s', async (word) => {
    const { territories: readable } = await add(words({ address: `${word}@example.org`, territories: [word, 'NC'] }))
    expect([...territoriesOf(readable)].sort()).toEqual(territories.map(({ code }) => code).sort())
  })

  test('has the ASCII form of its domain, and a name of ASCII before it', async () => {
    const { id, address } = await add(words({ address: 'User@Exämple.FR' }))
    expect(address).toBe('user@xn--exmple-cua.fr')
    expect(await update('user@EXÄMPLE.fr', { name: 'Ana' })).toMatchObject({ id, name: 'Ana' })
    await expect(add(words({ address: 'user@xn--exmple-cua.fr' }))).rejects.toThrow('is a recipient already')
    for (const wrong of [
      'élise@exemple.fr',
      'a@exä.fr/b',
      'a@exä.fr:25',
      'a@ex\u00adä.fr',
      'a@b@exä.fr',
      'a@ä',
      '@exä.fr',
    ])
      await expect(add(words({ address: wrong }))).rejects.toThrow('with ASCII letters only before the @')
  })

  test('has defaults, is one address in any case, is changed by field, and can be added again after removal', async () => {
    const defaults = { address: 'watch@example.org', language: 'fr', cadences: ['week'], clearance: 'TLP:CLEAR' }
    expect(await add(words())).toMatchObject({ ...defaults, form: 'link', quiet: 'send', state: 'active' })
    await expect(add(words({ address: ' WATCH@example.org' }))).rejects.toThrow('is a recipient already')
    const changed = await update('watch@example.org', { clearance: 'GREEN' })
    expect(changed).toMatchObject({ clearance: 'TLP:GREEN', territories: ['NC'], language: 'fr' })
    const removed = await removeRecipient('watch@example.org', ana, opened.services)
    expect(removed).toMatchObject({ state: 'unsubscribed', reason: { code: 'recipient.takenOff' } })
    expect(await add(words({ territories: ['MQ'] }))).toMatchObject({ state: 'active', territories: ['MQ'] })
  })

  test('may be a functional mailbox, with groups and places by any of their names', async () => {
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
    ['an unknown territory', { territories: ['Atlantis'] }, 'territories: "Atlantis" is no territory'],
    ['an unknown clearance', { clearance: 'SECRET' }, 'clearance: "SECRET" is none of TLP:CLEAR'],
    ['an unknown cadence', { cadences: ['daily'] }, 'cadences'],
    ['an unknown language', { language: 'de' }, 'language'],
    ['an edition of hostile text', { editions: ['<script>ALL</script>\r\nBcc: x'] }, 'editions: "<script>ALL'],
    ['a place of several territories as edition', { editions: ['Saint-Denis'] }, 'editions: "Saint-Denis"'],
    ['a dossier', { editions: ['campaign-0123456789ab'] }, 'is a dossier: vigie dossier'],
  ])('with %s is refused by the name of the field', async (_, changes, message) => {
    const refused = add(words({ address: 'other@example.org', ...changes }))
    await expect(refused).rejects.toBeInstanceOf(RecipientError)
    await expect(refused).rejects.toThrow(message)
  })

  test('names editions by any of their names, and keeps them through other changes', async () => {
    const address = 'nation@example.org'
    const editions = ['all', 'Antilles françaises', 'Synthèse nationale', 'indian-ocean', '988', 'Mayotte']
    const added = await add({ address, territories: ['overseas', 'COR'], editions })
    expect(added.editions).toEqual(['ALL', 'ANTILLES', 'INDIAN-OCEAN', 'NC', 'YT'])
    await update(address, { editions: ['Each'] })
    const kept = { editions: ['each'], territories: ['overseas', 'COR'], quiet: 'skip' }
    expect(await update(address, { quiet: 'skip' })).toMatchObject(kept)
  })
})

describe('a late change', () => {
  /** Services in which another change comes once between reading a recipient and writing it. */
  const overtaken = (between: () => Promise<unknown>): Services => {
    let isDone = false
    const { recipients } = opened.services
    const get = async (id: string) => {
      const found = await recipients.get(id)
      if (found && !isDone) {
        isDone = true
        await between()
      }
      return found
    }
    return { ...opened.services, recipients: { ...recipients, get } }
  }
  const granted = async (address: string, kind: 'confirm' | 'unsubscribe') => {
    const token = newToken()
    await opened.services.tokens.grant(token, { kind, recipient: recipientId(address) }, '2099-01-01T00:00:00.000Z')
    return token
  }

  test('does not bring back a recipient who left', async () => {
    const address = 'leaver@example.org'
    const leave = async () =>
      unsubscribe(await granted(address, 'unsubscribe'), 'click', opened.services, () => undefined)
    await add(words({ address, clearance: 'AMBER' }))
    const late = update(address, { language: 'en' }, overtaken(leave))
    await expect(late).rejects.toBeInstanceOf(RecipientError)
    await expect(late).rejects.toThrow(/changed.*repeat/)
    expect(await stored(address)).toMatchObject({ state: 'unsubscribed', language: 'fr' })
    await updateRecipient(address, {}, { active: true }, ana, opened.services)
    const list = async function* () {
      yield Buffer.from(`address;territories;language\n${address};NC;en`)
    }
    const { rejected } = await importRecipients(list(), 'list.csv', ana, overtaken(leave))
    expect(rejected).toMatchObject([{ line: 2, message: expect.stringContaining('repeat') }])
    expect(await stored(address)).toMatchObject({ state: 'unsubscribed' })
    const addedMeanwhile = overtaken(() => add(words({ address })))
    await expect(updateRecipient(address, {}, { active: true }, ana, addedMeanwhile)).rejects.toThrow(/repeat/)
  })

  test('does not restore a clearance that was lowered', async () => {
    const address = 'lowered@example.org'
    await add(words({ address, clearance: 'AMBER' }))
    const both = ['NC', 'MQ']
    const lowered = overtaken(() => update(address, { clearance: 'CLEAR' }))
    await expect(update(address, { territories: both }, lowered)).rejects.toThrow(/repeat/)
    expect(await stored(address)).toMatchObject({ clearance: 'TLP:CLEAR', territories: ['NC'] })
    expect(await update(address, { territories: both })).toMatchObject({ clearance: 'TLP:CLEAR', territories: both })
  })

  test.each([
    ['a territory', { territories: ['MQ', 'NC'] }],
    ['a name', { name: 'Cellule' }],
    ['an edition', { editions: ['NC'] }],
    ['a second edition', { editions: ['NC', 'MQ'] }],
    ['a form', { form: 'attachment' }],
  ])('is refused after a change of %s', async (_, changes) => {
    const address = 'another@example.org'
    if (!(await stored(address))) await add(words({ address, territories: ['NC', 'MQ'] }))
    const late = update(
      address,
      { quiet: 'skip' },
      overtaken(() => update(address, changes)),
    )
    await expect(late).rejects.toThrow(/repeat/)
    expect(await stored(address)).toMatchObject(changes)
  })

  test('by an addition is refused after another addition', async () => {
    const address = 'twice@example.org'
    await add(words({ address }))
    await removeRecipient(address, ana, opened.services)
    const other = overtaken(() => add(words({ address, clearance: 'GREEN' })))
    await expect(add(words({ address, clearance: 'RED' }), other)).rejects.toThrow(/repeat/)
    expect(await stored(address)).toMatchObject({ clearance: 'TLP:GREEN' })
  })

  test.each<[string, 'active' | 'unsubscribed' | 'suppressed', (address: string, on: Services) => Promise<unknown>]>([
    ['removal', 'unsubscribed', (address, on) => removeRecipient(address, ana, on)],
    [
      'confirmation',
      'active',
      async (address, on) => confirmSubscription(await granted(address, 'confirm'), on, () => undefined),
    ],
    [
      'unsubscription',
      'unsubscribed',
      async (address, on) => unsubscribe(await granted(address, 'unsubscribe'), 'button', on, () => undefined),
    ],
    [
      'complaint',
      'suppressed',
      (address, on) => {
        const delivery = [tagged(shortMailId('code', recipientId(address), 'ab12'))]
        const mail = { messageId: 'm', tags: { delivery } }
        return recordMailEvent({ detail: { eventType: 'Complaint', mail } }, on)
      },
    ],
  ])('by a %s keeps the current clearance', async (name, state, change) => {
    const address = `${name}@example.org`
    const pending = name === 'confirmation'
    await addRecipient(words({ address, clearance: 'AMBER' }), { pending }, ana, opened.services)
    await change(
      address,
      overtaken(() => update(address, { clearance: 'CLEAR' })),
    )
    expect(await stored(address)).toMatchObject({ state, clearance: 'TLP:CLEAR' })
  })
})

describe('an import', () => {
  const importLines = (...lines: readonly string[]) => {
    const chunks = async function* () {
      yield Buffer.from(lines.join('\n'))
    }
    return importRecipients(chunks(), 'list.csv', ana, opened.services)
  }

  test('rejects a bad row alone, and changes nothing the second time', async () => {
    const lines = [
      'Courriel;Nom;Territoires;Habilitation;Cadence;Forme',
      'prefet@example.org;Préfecture;NC, Corse;AMBER;week, month;link',
      'nobody;Sans adresse;NC;GREEN;week;link',
      'ong@example.org;ONG;overseas;GREEN;week;attachment',
    ]
    const rejected = [{ line: 3, message: expect.stringContaining('address') }]
    expect(await importLines(...lines)).toEqual({ added: 2, changed: 0, same: 0, rejected })
    expect(await importLines(...lines)).toMatchObject({ added: 0, changed: 0, same: 2 })
    const changed = await importLines(...lines.with(1, 'prefet@example.org;Préfecture;NC;GREEN;week;link'))
    expect(changed).toMatchObject({ changed: 1, same: 1 })
    await removeRecipient('ong@example.org', ana, opened.services)
    const left = await importLines('address,territories', 'ong@example.org,overseas')
    expect(left.rejected).toMatchObject([{ line: 2, message: expect.stringContaining('is unsubscribed') }])
  })

  test('reads digests and editions; an empty cell changes neither', async () => {
    const lines = [
      'Courriel;Territoires;Éditions;Envoi groupé',
      'nation@list.example;overseas, COR;all | NC;Oui',
      'ile@list.example;COR;;',
      'nulle@list.example;COR;Atlantide;',
      'souvent@list.example;COR;;souvent',
    ]
    expect(await importLines(...lines)).toMatchObject({
      added: 2,
      rejected: [
        { line: 4, message: expect.stringContaining('editions: "Atlantide"') },
        { line: 5, message: 'digest: "souvent" is neither yes nor no' },
      ],
    })
    expect(await stored('nation@list.example')).toMatchObject({ editions: ['ALL', 'NC'], digest: true })
    expect(await stored('ile@list.example')).not.toHaveProperty('editions')
    const again = await importLines(...lines.slice(0, 3).with(1, 'nation@list.example;overseas, COR;;'))
    expect(again).toMatchObject({ same: 2 })
  })

  test('without an address column is refused', async () => {
    await expect(importLines('name;territories', 'A;NC')).rejects.toThrow('list.csv has no column address')
  })
})

describe('a mail event', () => {
  const key = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1 } as const
  const event = (eventType: string, delivery: string, more: Partial<MailEvent['detail']> = {}): MailEvent => ({
    detail: { eventType, mail: { messageId: `m-${delivery}`, tags: { delivery: [delivery] } }, ...more },
  })
  const permanent = {
    bounceType: 'Permanent',
    bouncedRecipients: [{ emailAddress: 'x@example.org', diagnosticCode: 'smtp; 550 no such user' }],
  }
  const complained = fault('recipient.complained', { at: expect.any(String), detail: 'abuse' })

  type Row = readonly [
    title: string,
    before: 'UNKNOWN' | 'SENT',
    events: readonly (readonly [string, Partial<MailEvent['detail']>?])[],
    answers: readonly string[],
    after: string,
    recipient: Partial<Recipient> | { readonly reason: object },
  ]
  test.each<Row>([
    [
      'of a delivery settles an unknown one once',
      'UNKNOWN',
      [['Delivery'], ['Delivery']],
      ['SENT', 'nothing new'],
      'SENT',
      { state: 'active' },
    ],
    [
      'of a permanent bounce is final, and suppresses the recipient',
      'SENT',
      [['Bounce', { bounce: permanent }], ['Send']],
      ['FAILED', 'nothing new'],
      'FAILED',
      { state: 'suppressed', reason: { code: 'recipient.bounced' } },
    ],
    [
      'of a full mailbox changes nothing',
      'SENT',
      [['Bounce', { bounce: { bounceType: 'Transient' } }]],
      ['nothing new'],
      'SENT',
      { state: 'active' },
    ],
    [
      'of a complaint suppresses the recipient',
      'SENT',
      [['Complaint', { complaint: { complaintFeedbackType: 'abuse' } }]],
      [expect.stringContaining('suppressed') as unknown as string],
      'SENT',
      { state: 'suppressed', reason: complained },
    ],
  ])('%s', async (title, state, events, answers, after, recipient) => {
    const { id } = await add(words({ address: `${title.replaceAll(/\W/g, '-')}@example.org` }))
    const at = '2024-05-20T00:00:00.000Z'
    await opened.services.deliveries.create({ ...key, recipient: id, state, turn: 1, attempts: 1, at })
    const found: string[] = []
    for (const [type, more] of events)
      found.push(await recordMailEvent(event(type, `NC.2024-W20.amber.1.${id}`, more), opened.services))
    expect(found).toEqual(answers)
    expect(await opened.services.deliveries.get({ ...key, recipient: id })).toMatchObject({ state: after })
    expect(await opened.services.recipients.get(id)).toMatchObject(recipient)
  })

  test('of a delivery that is not in the ledger is an error', async () => {
    const unknown = recordMailEvent(event('Delivery', 'NC.2024-W20.amber.1.0000000000000000'), opened.services)
    await expect(unknown).rejects.toBeInstanceOf(UnknownDeliveryError)
  })
})

test('the commands add, change, list, import and remove recipients, and show editions that are not mailed', async () => {
  const own = { env: { VIGIE_HOME: join(folder, 'own') } }
  const address = 'nation@example.org'
  const added = await vigie(['recipients', 'add', address, '--territory', 'overseas', '--edition', 'all', 'NC'], own)
  expect(added.stdout).toContain('editions ALL (not mailed: may not read COR) NC  TLP:CLEAR')
  const change = (...more: readonly string[]) => vigieJson<Recipient>(['recipients', 'update', address, ...more], own)
  expect(await change('--quiet', 'skip', '--digest')).toMatchObject({ digest: true })
  expect(await change('--no-digest', '--territory', 'overseas', 'COR')).toMatchObject({ digest: false, quiet: 'skip' })
  const [head, row] = (await vigie(['recipients', 'list'], own)).stdout.split('\n')
  expect(head).toMatch(
    /^Id +Address +Name +Language +Territories +Editions +Cadences +Clearance +Form +Quiet +Mails +State *$/,
  )
  expect(row).toMatch(/ fr .*overseas COR +ALL NC +week .* link /)
  const refused = await vigie(['recipients', 'update', address, '--edition', 'Atlantis'], own)
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('all is the national edition')])
  await vigieJson(['recipients', 'remove', address], own)
  expect((await vigieJson<Recipient[]>(['recipients', 'list'], own))[0]?.state).toBe('unsubscribed')

  const file = join(folder, 'list.csv')
  await writeFile(file, 'address,territories\nx@example.org,NC\nnobody,NC\n')
  const ran = await vigie(['recipients', 'import', file, '--json'], own)
  expect([ran.code, jsonOf(ran)]).toMatchObject([1, { added: 1, rejected: [{ line: 3 }] }])
})
