/** A fault in a template literal prints [object Object], which TypeScript does not notice. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Node, SyntaxKind } from 'typescript/unstable/ast'
import { API, type Type } from 'typescript/unstable/sync'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

type Syntax = {
  readonly kind: SyntaxKind
  readonly expression: Syntax
  getText(): string
  forEachChild(visit: (child: Syntax) => void): void
}

const isFault = (type: Type | undefined): boolean => {
  if (!type) return false
  if (type.isUnionType()) return type.getTypes().some((one) => isFault(one))
  return ['Fault', 'Reason'].includes(type.getAliasSymbol()?.name ?? '')
}

test('no template literal has a fault in it', () => {
  const api = new API({ cwd: root })
  try {
    const snapshot = api.updateSnapshot({ openProjects: [`${root}tsconfig.json`] })
    const project = snapshot.getProject(`${root}tsconfig.json`)
    if (!project) throw new Error('tsconfig.json is no project: is TypeScript another version?')
    const found: string[] = []
    let spans = 0
    for (const folder of ['lambdas', 'bin', 'lib', 'tools']) {
      for (const name of readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })) {
        const source = name.endsWith('.ts') ? project.program.getSourceFile(`${root}${folder}/${name}`) : undefined
        const visit = (node: Syntax): void => {
          if (node.kind === SyntaxKind.TemplateSpan) {
            spans += 1
            const type = project.checker.getTypeAtLocation(node.expression as unknown as Node)
            if (isFault(type)) found.push(`${folder}/${name}: ${node.expression.getText()}`)
          }
          node.forEachChild(visit)
        }
        if (source) visit(source as unknown as Syntax)
      }
    }
    expect(spans).toBeGreaterThan(1_000)
    expect(found).toEqual([])
  } finally {
    api.close()
  }
})
