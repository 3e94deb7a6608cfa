import { packPart } from "./pack.ts";
import { prelude } from "./prelude.ts";
import { rootPart } from "./root-part.ts";
import { unpackPart } from "./unpack-program.ts";

/** Arguments of all: root, path, one that is the program's, then source, destination and "1" (writable) or "0" of each mount. */
const begin = `${prelude}${rootPart}${String.raw`
my ($root, $path, $extra, @mounts) = @ARGV; enter($root, @mounts);
`}`;

/** What stands at a path (a last link is not followed): size, mode, seconds, nanoseconds, where a link leads; NUL between. */
export const statProgram = `${begin}${String.raw`
sub resolved {
  my @todo = grep { $_ ne '' && $_ ne '.' } split m{/}, $_[0]; my @at; my $hops = 0;
  while (@todo) {
    my $part = shift @todo; if ($part eq '..') { pop @at; next }
    my $link = readlink '/' . join('/', @at, $part); if (!defined $link) { push @at, $part; next }
    fail('invalid', "$_[0]: too many links") if ++$hops > 255;
    @at = () if $link =~ m{^/}; unshift @todo, grep { $_ ne '' && $_ ne '.' } split m{/}, $link;
  }
  return '/' . join('/', @at);
}
my $b = "\0" x 256; my $mask = 0x7ff;
syscall($number{statx}, $here, $path, $noFollow, $mask, $b) == 0 or lacking($path);
my $mode = unpack('S', substr($b, 28, 2)); my $size = unpack('Q', substr($b, 40, 8));
my ($s, $n) = unpack('q L', substr($b, 112, 12));
print join("\0", $size, $mode, $s, $n, S_ISLNK($mode) ? resolved($path) : '');
`}`;

/** A tar of what stands at a path; the program's argument is the name it gets in it. */
export const readProgram = `${begin}${packPart}${String.raw`
my @s = lstat $path or lacking($path);
if (S_ISDIR($s[2])) {
  chdir $path or lacking($path); @s = stat '.';
  header("$extra/", '5', $s[2] & 07777, $s[4], $s[5], 0, $s[9], '', 0, 0, xattrs('.'));
  pack_folder('.', "$extra/");
} else { pack_path($path, $extra) }
pack_end();
`}`;

/** A tar of a folder's contents, itself as "./"; links on the way are followed. */
export const contentsProgram = `${begin}${packPart}${String.raw`
chdir $path or lacking($path); my @s = stat '.';
header('./', '5', $s[2] & 07777, $s[4], $s[5], 0, $s[9], '', 0, 0, xattrs('.'));
pack_folder('.', ''); pack_end();
`}`;

/** Unpacks entries into a folder; the program's argument has "k" for `keep` and "r" when the root itself is read-only. */
export const writeProgram = `${begin}${unpackPart}${String.raw`
stat $path or lacking($path); -d _ or fail('invalid', 'extraction point is not a directory');
chdir $path or lacking($path);
fail('readonly', 'container rootfs is marked read-only') if $extra =~ /r/ && (stat '.')[0] == (stat '/')[0];
POSIX::access('.', POSIX::W_OK()) or $! != 30 or fail('readonly', 'mounted volume is marked read-only');
$keep = $extra =~ /k/; $base = POSIX::getcwd();
entries(); stamp_folders();
`}`;
