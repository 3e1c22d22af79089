/** `vigie preview`. */
import { markingAsked, periodAsked, portAsked, subjectAsked } from '../arguments.ts'
import { globalsOf } from '../run.ts'
import { command } from '../table.ts'
import { say } from '../terminal.ts'
import { argument, option } from '../words.ts'

export const previewCommands = [
  command('preview', {
    description:
      'serve a report on loopback, made anew while templates, styles, messages or the organisation’s vigie.json change',
    takes: {
      territory: argument('<territory>').read(subjectAsked),
      period: argument('<period>').read(periodAsked),
      cap: option('--cap <tlp>', 'the edition').or('AMBER').read(markingAsked),
      port: option('--port <number>', 'to listen on; a free one where it is left out').or('0').read(portAsked),
    },
    check: ({ port, ...request }, self) => ({ request, port, templates: globalsOf(self).templates }),
    run: async ({ request, ...how }, context) => {
      const { preview } = await import('../preview.ts')
      const { url, ended } = await preview(request, how, context)
      say(`${url} shows ${request.territory} ${request.period.id}, in French and English; Ctrl-C ends it`)
      await ended
      return { value: { url }, lines: [] }
    },
  }),
]
