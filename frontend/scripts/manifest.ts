const CSS_BUDGET = 15;

/** What Vite's manifest says of a chunk, as far as it matters here. */
export interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
}

/** Every file that the modules and their static imports need. A module that the manifest does not know is an error. */
export function routeFiles(
  manifest: Record<string, Chunk>,
  modules: string[],
): { js: string[]; css: string[] } {
  const seen = new Set<string>();
  const js = new Set<string>();
  const css = new Set<string>();
  const walk = (key: string) => {
    if (seen.has(key)) return;
    seen.add(key);
    const chunk = manifest[key];
    if (chunk === undefined) throw new Error(`the manifest knows no ${key}`);
    if (chunk.file.endsWith(".js")) js.add(chunk.file);
    for (const file of chunk.css ?? []) css.add(file);
    for (const next of chunk.imports ?? []) walk(next);
  };
  for (const module of modules) walk(module);
  return { js: [...js], css: [...css] };
}

/** A route with what it downloads, in kB. */
export interface Weight {
  route: string;
  js: number;
  css: number;
  budget: number;
}

/** The routes that are over their budget, in words. */
export function over(rows: Weight[]): string[] {
  return rows.flatMap(({ route, js, css, budget }) => [
    ...(js > budget ? [`${route} js ${js.toFixed(1)} > ${budget} kB`] : []),
    ...(css > CSS_BUDGET ? [`${route} css ${css.toFixed(1)} > ${CSS_BUDGET} kB`] : []),
  ]);
}
