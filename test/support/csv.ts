/**
 * Reads CSV by a parser of its own, strictly by RFC 4180: what the writer writes is checked against the text of the
 * RFC.
 */

/** The records of a file: rows of cells, the header too. Throws where a quote or a line end is out of place. */
export const parseCsv = (bytes: Uint8Array): readonly (readonly string[])[] => {
  const text = new TextDecoder().decode(bytes) // takes the byte-order mark away
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length) {
    const cell = /"((?:[^"]|"")*)"|([^",\r\n]*)/y
    cell.lastIndex = at
    const [whole = '', quoted, bare] = cell.exec(text) ?? []
    row.push(quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'))
    at += whole.length
    if (text.startsWith(',', at)) at += 1
    else if (text.startsWith('\r\n', at)) {
      at += 2
      rows.push(row)
      row = []
    } else throw new Error(`no comma and no line end at character ${at}: ${JSON.stringify(text.slice(at, at + 20))}`)
  }
  return rows
}

/** The rows as records by column name. */
export const csvRecords = (bytes: Uint8Array): readonly Readonly<Record<string, string>>[] => {
  const [head = [], ...rows] = parseCsv(bytes)
  return rows.map((row) => {
    if (row.length !== head.length) throw new Error(`a row has ${row.length} cells and the header ${head.length}`)
    return Object.fromEntries(head.map((name, at) => [name, row[at] ?? '']))
  })
}
