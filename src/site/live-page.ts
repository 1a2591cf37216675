import path from 'node:path';
import { buildSync } from 'esbuild';
import { REPOSITORY } from '../jupyter/repository';
import { PAGE_STYLE } from '../page/page-style';
import { LIVE_STYLE } from './live-style';
import { SITE_STYLE } from './site-style';

/** The library and the page's own program as one classic script, which a page that was opened as a file can run. */
function script(): string {
  const { outputFiles } = buildSync({
    entryPoints: [path.join(REPOSITORY, 'src/site/live/app.ts')],
    ...{ bundle: true, minify: true, format: 'iife', platform: 'browser', target: 'es2022', write: false },
  });
  return outputFiles[0].text.replaceAll('</script', '<\\/script');
}

const slider = (id: string, name: string, range: string, hint = '') =>
  `<div class="slider"><label for="${id}">${name}</label><output id="${id}-value" for="${id}"></output><input type="range" id="${id}" ${range}>${hint}</div>`;

const scene = (id: string, title: string, text: string) =>
  `<li><button type="button" class="scene" data-scene="${id}" data-show="map">${title}</button><p>${text}</p></li>`;

/**
 * The page on which a reader moves a liar and sees rules answer: one file that needs no server and no network.
 * @returns its HTML, with a comment where the navigation of a site goes
 */
export function livePage(): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Move the liar · dfmr</title>
<style>${PAGE_STYLE}${SITE_STYLE}${LIVE_STYLE}</style>
</head>
<body>
<!-- navigation -->
<main><div class="wide live">
<h1>Move the liar</h1>
<p>Twenty machines hold rows of the same kind: three Gaussian components in the plane, in unknown proportions. No machine shows its rows. Each fits the
<em>mixture</em> by itself, and sends its estimate: three weights, three means, three covariances. Some machines lie, and all liars tell the same lie. What should
the server that collects the estimates believe? <b>Drag the red handles</b>, and see what each rule makes of it.</p>

<section id="lab" aria-label="Experiment">
<figure class="plane">
<svg id="map" role="group" aria-label="The plane: rows, the estimates of the machines, the truth, and what the rules merge"><g class="picture"></g><g class="handles"></g></svg>
<figcaption><span class="key truth"></span> the truth <span class="key sent"></span> what honest machines send <span class="key liar"></span> what liars send;
ellipses hold 86 % of a component. The coloured ones are what the rules to the right merge: press a rule to hide or show it. The handles are the liars’ means.</figcaption>
<p id="summary" class="verdict" aria-live="polite"></p>
</figure>
<div class="panel">
<h2>How wrong is each rule?</h2>
<div id="errors" class="errors"></div>
<p class="note">W₁ to the truth: how far the merged components must be moved, reshaped and reweighted until they are the true ones. Shorter is better.</p>
<h2>The lie</h2>
${slider('liars', 'Machines that lie', 'min="0" max="60" step="5"')}
<div class="choose" role="group" aria-label="Component that the next two sliders change"><span>Component</span>
${[0, 1, 2].map((k) => `<button type="button" data-choose="${k}" aria-pressed="false">${k}</button>`).join('')}</div>
${slider('weight', 'Its weight, they say', 'min="1" max="90" step="1"')}
${slider('width', 'Its width, they say', 'min="0.25" max="4" step="0.25"')}
<h2>The machines</h2>
${slider('machines', 'Machines', 'min="5" max="40" step="1"')}
${slider('rows', 'Rows of each', 'min="0" max="5" step="1"')}
</div>
</section>

<section class="answers">
<div>
<h2>How DFMR sees the machines</h2>
<svg id="distances" role="img" aria-label="The distance of each estimate to the centre of attention, with the radius and the threshold"></svg>
${slider('inflation', 'ρ, the inflation factor', 'min="1" max="4" step="0.05"')}
<p class="note">The <b>COAT</b>, the centre of attention, is the estimate with the smallest ball that holds half of all estimates; <b>r</b> is the radius of this ball. DFMR,
distance-filtered mixture reduction, keeps the machines within <b>ρ</b> radii of the COAT, sets the others aside, and merges what it keeps. It measures the L² distance of densities,
the root of ∫ (f − g)². Grey dots are honest, red ones lie.</p>
</div>
<div>
<h2>Who is kept, and why not</h2>
<div id="chips" class="chips" role="group" aria-label="Machines"></div>
<p id="story" class="story" data-idle="Press a machine to read what each rule says of it."></p>
<p class="note">A red number is a liar’s; a crossed one is set aside by DFMR; the ring is the COAT. The three squares are the machine’s components: filled ones are used by the
<b>component rule</b>, hollow ones are not. It gives each component a centre of its own, and a threshold that follows from how much honest estimates of as many rows vary. So a machine that lies
in one component is still of use in the others.</p>
</div>
</section>

<h2>Something to try</h2>
<ol class="scenes">
${scene('far', 'A lie that all can see', 'The heaviest component is said to be elsewhere. The average of all machines follows the liars, and has a component where none is. DFMR sets every liar aside; the component rule little more than their component 0.')}
${scene('light', 'A lie that is light and wide', 'Only 8 % of the mass is moved, and thinly spread. To the L² distance, densities that are low hardly differ: DFMR keeps liars, and is as wrong as the average. The component rule sees it. Now make the component narrower, or heavier: when does DFMR see it, too?')}
${scene('near', 'A lie that is near', 'Little farther out than honest errors are: this is hard to see, and does little harm. The component rule is even better than the oracle, as it uses what liars are honest in. Give every machine more rows: honest estimates draw together until the lie stands out.')}
${scene('strict', 'Nobody lies, and ρ is 1', 'DFMR with ρ = 1 keeps half of the machines, whoever they are, and so wastes half of the rows. Raise ρ until all are kept. What does it cost when some lie?')}
${scene('most', 'More than half lie', 'No rule can help: the liars are the centre of attention, and the honest machines are set aside. Only the oracle, who is told who lies, knows. Lower the share below one half.')}
</ol>
<h2>What was this?</h2>
<p>The rules are those of the library, which runs here in your browser: <code>import { dfmr, dfmrComponents, fit } from 'dfmr/core'</code>. Each machine’s estimate is a real fit, by the EM
algorithm, of rows of its own. <em>Vanilla average</em> merges what all machines send; <em>COAT alone</em> believes the centre of attention and nobody else; the <em>oracle</em> merges the honest machines, which no
server could know. The component rule can be better than the oracle: it uses what is honest in a liar’s estimate, too. The notebooks have the same on real data, and what the theory says.</p>
</div></main>
<script>${script()}</script>
</body>
</html>
`;
}
