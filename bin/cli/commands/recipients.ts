import { InvalidArgumentError } from 'commander'
import { faultText } from '../../../lambdas/domain/core/fault-text.ts'
import { whoDoes } from '../arguments.ts'
import { recipientColumns, recipientLine } from '../output/recipient-lines.ts'
import { command, group, list } from '../table.ts'
import { argument, author, flag, option } from '../words.ts'

const reason = option('--reason <text>', 'reason, kept in the history').filled()
const by = author('author, kept in the history')
const whom = argument('<who>', 'address or id')

const wishes = {
  name: option('--name <name>', 'of the person or the mailbox'),
  by: author('author, kept in the history'),
  reason,
  organisation: option('--organisation <name>'),
  language: option('--language <language>', 'of mails and reports').oneOf(['fr', 'en']),
  territories: option(
    '--territory <place...>',
    'territories that they may read: codes, names, groups (overseas, antilles, pacific, indian-ocean), or all',
  ),
  editions: option(
    '--edition <report...>',
    'reports to mail: codes, groups, all (the national edition), or each (every territory, the default)',
  ),
  cadences: option('--cadence <cadence...>', 'cadence of the reports').oneOf([
    'week',
    'month',
    'quarter',
    'year',
    'range',
  ]),
  clearance: option('--clearance <tlp>', 'highest marking that they may read; CLEAR by default'),
  form: option('--form <form>', 'a link, or up to TLP:GREEN the PDF attached').oneOf(['link', 'attachment']),
  quiet: option('--quiet <what>', 'behaviour for periods without detections').oneOf(['send', 'skip']),
  digest: option('--digest', 'one mail for all weekly and monthly reports, when the national edition is due'),
  eachMail: option('--no-digest', 'a mail for each report'),
}

export const recipientCommands = [
  group('recipients', 'who gets reports by mail'),
  command('recipients add', {
    description: 'add a recipient',
    takes: {
      address: argument('<address>', 'a person’s, or a functional mailbox’s'),
      ask: flag('--ask', 'mail a confirmation link first, and nothing else until it is used'),
      ...wishes,
    },
    check: (asked) => {
      if (asked.territories) return asked
      throw new InvalidArgumentError('--territory: it is missing, name at least one, such as NC or overseas')
    },
    run: async ({ ask, by, reason, eachMail: _, ...recipient }, context) => {
      const { addRecipient } = await import('../../../lambdas/usecases/delivery/manage-recipients.ts')
      const { confirmer } = await import('../deliver.ts')
      const confirm = ask ? await confirmer(context) : undefined
      const who = await whoDoes({ by, ...(reason !== undefined && { reason }) })
      const added = await asUsage(addRecipient(recipient, { pending: ask }, who, context.services))
      await confirm?.(added)
      return { value: added, lines: [`${recipientLine(added)}${ask ? ' (asked to confirm)' : ''}`] }
    },
  }),
  list('recipients list', {
    description: 'all recipients, including unsubscribed ones',
    read: (_, { services }) => Array.fromAsync(services.recipients.all()),
    columns: recipientColumns,
  }),
  command('recipients update', {
    description: 'change the given fields of a recipient',
    takes: {
      whom,
      active: flag('--active', 'reactivate after unsubscription or a refusal by the mail server'),
      ...wishes,
    },
    run: async ({ whom, active, by, reason, eachMail: _, ...changes }, { services }) => {
      const { updateRecipient } = await import('../../../lambdas/usecases/delivery/manage-recipients.ts')
      const who = await whoDoes({ by, ...(reason !== undefined && { reason }) })
      const value = await asUsage(updateRecipient(whom, changes, { active }, who, services))
      return { value, lines: [recipientLine(value)] }
    },
  }),
  command('recipients remove', {
    description: 'remove a recipient; links in mails already sent stop working',
    takes: { whom, by, reason },
    run: async ({ whom, ...whose }, { services }) => {
      const { removeRecipient } = await import('../../../lambdas/usecases/delivery/manage-recipients.ts')
      const value = await removeRecipient(whom, await whoDoes(whose), services)
      return { value, lines: [recipientLine(value)] }
    },
  }),
  command('recipients import', {
    description:
      'import recipients from a CSV file: address, name, organisation, language, territories, editions, cadences, clearance, form, quiet',
    takes: { file: argument('<csv>', 'the file; - is standard input'), by, reason },
    run: async ({ file, ...whose }, { services }) => {
      const { importRecipients } = await import('../../../lambdas/usecases/delivery/manage-recipients.ts')
      const { chunksOf } = await import('../files.ts')
      const imported = await importRecipients(await chunksOf(file), file, await whoDoes(whose), services)
      const { added, changed, same, rejected } = imported
      return {
        ok: rejected.length === 0,
        value: imported,
        lines: [
          `${added} added, ${changed} changed, ${same} as they were, ${rejected.length} rejected`,
          ...rejected.map(({ line, message }) => `  rejected: ${file}:${line}  ${message}`),
        ],
      }
    },
  }),
]

const optionOf: Readonly<Record<string, string>> = {
  territories: '--territory',
  editions: '--edition',
  cadences: '--cadence',
  clearance: '--clearance',
  name: '--name',
  organisation: '--organisation',
}

const asUsage = async <Written>(writing: Promise<Written>): Promise<Written> => {
  const { RecipientError } = await import('../../../lambdas/usecases/delivery/manage-recipients.ts')
  try {
    return await writing
  } catch (error) {
    if (!(error instanceof RecipientError) || error.field === undefined) throw error
    throw new InvalidArgumentError(`${optionOf[error.field] ?? error.field}: ${faultText(error.fault)}`)
  }
}
