import { render } from 'preact';
import { App } from './app';

const place = document.getElementById('console');
if (place === null) throw new Error('Bug: index.html has no place for the console');
render(<App />, place);
